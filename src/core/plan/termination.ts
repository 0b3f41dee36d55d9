// The end of a pod: containers, then sandboxes, then volumes and cgroup.
import type { PodRecord, World } from '../world.ts';
import { joined, NOTHING, type Notice, type PodPlan, waiting } from './podPlan.ts';
import { planProbes } from './probes.ts';
import { planStopAll } from './stopAll.ts';

export function planTermination(world: World, record: PodRecord): PodPlan {
  if (record.termination?.cause !== 'deadline') return planEnd(world, record);
  return joined([planEnd(world, record), { ...NOTHING, notices: [OVERDUE] }]);
}

const OVERDUE: Notice = {
  topic: 'deadline',
  cause: 'deadline',
  type: 'Normal',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

function planEnd(world: World, record: PodRecord): PodPlan {
  const stop = planStopAll(world, record, `The pod is ${record.termination?.cause ?? 'ending'}`);
  if (stop.actions.length > 0 || stop.waitingFor !== undefined) return joined([stop, planProbes(world, record)]);
  if (record.volumes === 'gone' || record.inFlight.length > 0) return stop;
  const trouble = record.podFaults['tearDownPod'];
  if (trouble !== undefined && world.now.mono < trouble.retryAt) {
    return waiting(trouble.reason, trouble.message, trouble.retryAt);
  }
  const because = 'Everything in the pod has stopped';
  return { ...NOTHING, cancel: stop.cancel, actions: [{ kind: 'tearDownPod', podUid: record.uid, because }] };
}
