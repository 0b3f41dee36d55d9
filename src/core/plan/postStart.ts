// A container's postStart handler runs right after its start, and holds back the starts of the containers after it.
import { containerNamed } from '../../api/podContainers.ts';
import type { Action } from '../action.ts';
import type { PodRecord } from '../world.ts';
import { NOTHING, type PodPlan, waiting } from './podPlan.ts';

/** Undefined when no handler is due or under way. */
export function planPostStart(record: PodRecord): PodPlan | undefined {
  const pod = record.desired;
  const due = record.containers.find((c) => c.state === 'running' && record.postStarts[c.id] === 'due');
  if (pod === undefined || due === undefined) return undefined;
  const hold = waiting('PostStart', `Waiting for the postStart handler of container ${due.name}`);
  if (record.inFlight.some((a) => a.kind === 'postStart')) return hold;
  const handler = containerNamed(pod.spec, due.name)?.lifecycle?.postStart;
  if (handler === undefined) return NOTHING;
  const podIP = record.sandboxes[0]?.ips[0];
  const action: Action = {
    kind: 'postStart',
    podUid: record.uid,
    pod,
    container: due.name,
    containerId: due.id,
    handler,
    ...(podIP === undefined ? {} : { podIP }),
    because: 'The container has started',
  };
  return { ...hold, actions: [action] };
}
