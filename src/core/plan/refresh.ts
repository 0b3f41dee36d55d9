// Brings the files of a running pod's volumes up to date with the objects they show. Nothing waits for it.
import type { Action } from '../action.ts';
import { volumeContents } from '../rules/contents.ts';
import type { PodRecord, World } from '../world.ts';
import { NOTHING, type PodPlan, waiting } from './podPlan.ts';

export function planRefresh(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined || record.inFlight.some((a) => a.kind === 'refreshVolumes')) return NOTHING;
  const contents = volumeContents(world, pod);
  if (record.contents === contents) return NOTHING;
  const trouble = record.podFaults['refreshVolumes'];
  if (trouble !== undefined && world.now.mono < trouble.retryAt) {
    return waiting(trouble.reason, trouble.message, trouble.retryAt);
  }
  const because = 'What its volumes show has changed';
  const action: Action = { kind: 'refreshVolumes', podUid: record.uid, pod, contents, because };
  return { ...NOTHING, actions: [action] };
}
