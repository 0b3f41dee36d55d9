// A container whose state the runtime can't tell is stopped before anything takes its place.
// Rule: kubelet: Container is in "unknown" state, try killing it before restart.
import { MINIMUM_GRACE_SECONDS } from '../rules/termination.ts';
import type { PodRecord } from '../world.ts';
import { NOTHING, type PodPlan } from './podPlan.ts';

export function planStopUnknown(record: PodRecord): PodPlan {
  const stopping = new Set(record.inFlight.flatMap((a) => (a.kind === 'stopContainer' ? [a.containerId] : [])));
  const unknown = record.containers.filter((c) => c.state === 'unknown' && !stopping.has(c.id));
  return {
    ...NOTHING,
    actions: unknown.map((c) => ({
      kind: 'stopContainer',
      podUid: record.uid,
      container: c.name,
      containerId: c.id,
      graceSeconds: Math.max(MINIMUM_GRACE_SECONDS, record.desired?.spec.terminationGracePeriodSeconds ?? 30),
      because: 'Its state is unknown',
    })),
  };
}
