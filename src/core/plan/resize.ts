// Gives a running pod the resources that its manifest asks for now, without a restart. Nothing waits for it.
import type { Action } from '../action.ts';
import { podSize, resizedInPlace } from '../rules/resize.ts';
import type { PodRecord, World } from '../world.ts';
import { NOTHING, type PodPlan, waiting } from './podPlan.ts';

export function planResize(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined || record.inFlight.some((a) => a.kind === 'resizePod')) return NOTHING;
  const containers = resizedInPlace(record, pod).map(({ id, name }) => ({ id, name }));
  if (containers.length === 0 && record.podSize === podSize(pod)) return NOTHING;
  const trouble = record.podFaults['resizePod'];
  if (trouble !== undefined && world.now.mono < trouble.retryAt) {
    return waiting(trouble.reason, trouble.message, trouble.retryAt);
  }
  const because = 'Its resources have changed';
  const action: Action = { kind: 'resizePod', podUid: record.uid, pod, containers, because };
  return { ...NOTHING, actions: [action] };
}
