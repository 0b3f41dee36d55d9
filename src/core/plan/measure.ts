// Looks at the size of volumes that may not grow without bound, now and then. Nothing waits for it.
import type { Action } from '../action.ts';
import { nextMeasure, volumeLimits } from '../rules/localStorage.ts';
import type { PodRecord, World } from '../world.ts';
import { NOTHING, type PodPlan } from './podPlan.ts';

export function planMeasure(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined || record.inFlight.some((a) => a.kind === 'measureVolumes')) return NOTHING;
  const limits = volumeLimits(pod);
  if (Object.keys(limits).length === 0) return NOTHING;
  const at = nextMeasure(record);
  if (world.now.mono < at) return { ...NOTHING, wakeAt: at };
  const because = 'A volume of the pod has a size limit';
  const action: Action = { kind: 'measureVolumes', podUid: record.uid, pod, limits, because };
  return { ...NOTHING, actions: [action] };
}
