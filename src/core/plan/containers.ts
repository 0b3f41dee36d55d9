// What the containers of a pod need: init containers in order, then app containers in order, restarts with back-off.
// Rule: kubelet computePodActions and SyncPod: starts are one after the other; one that fails does not stop the next.
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { ObservedSandbox } from '../../api/observed.ts';
import { isReplaced } from '../rules/replaced.ts';
import { restartsAfterExit } from '../rules/restart.ts';
import type { PodRecord, World } from '../world.ts';
import { newestInstance } from '../world.ts';
import { initProgress } from './initContainers.ts';
import { joined, NOTHING, type PodPlan, waiting } from './podPlan.ts';
import { planPostStart } from './postStart.ts';
import { planStart } from './start.ts';
import { planStopUnknown } from './stopUnknown.ts';

export function planContainers(world: World, record: PodRecord, sandbox: ObservedSandbox | undefined): PodPlan {
  const pod = record.desired;
  if (pod === undefined) return NOTHING;
  const unknown = planStopUnknown(record);
  if (unknown.actions.length > 0) return unknown;
  // Writing the hosts file takes a moment, and a start writes it too.
  const oneAtATime = ['startContainer', 'startCreated', 'refreshHosts'];
  if (record.inFlight.some((a) => oneAtATime.includes(a.kind))) return NOTHING;
  const hook = planPostStart(record);
  if (hook !== undefined) return hook;
  const inits = initProgress(record, pod, sandbox?.id ?? '');
  if (inits.failed !== undefined)
    return waiting('InitFailed', `Init container ${inits.failed} failed and is not run again`);
  const apps = inits.initialised ? appContainersToStart(record, pod) : [];
  return startInOrder(world, record, { toStart: [...inits.start, ...apps], sandbox });
}

function appContainersToStart(record: PodRecord, pod: DesiredPod): readonly DesiredContainer[] {
  return pod.spec.containers.filter((container) => {
    const newest = newestInstance(record, container.name);
    if (newest === undefined || newest.state === 'created') return true;
    if (newest.state !== 'exited') return false;
    return isReplaced(record, container) || restartsAfterExit(pod, container, newest.exitCode ?? 1);
  });
}

interface StartRequest {
  readonly toStart: readonly DesiredContainer[];
  readonly sandbox: ObservedSandbox | undefined;
}

/** At most one start at a time; images of those further back are fetched meanwhile. */
function startInOrder(world: World, record: PodRecord, { toStart, sandbox }: StartRequest): PodPlan {
  const plans: PodPlan[] = [];
  const inits = new Set(record.desired?.spec.initContainers?.map((c) => c.name));
  let blocked = false;
  for (const container of toStart) {
    const plan = planStart(world, record, { container, sandbox: blocked ? undefined : sandbox });
    plans.push(plan);
    const isPlainInit = inits.has(container.name) && container.restartPolicy !== 'Always';
    if (plan.progress === 'held' && isPlainInit) break;
    if (plan.progress !== 'held') blocked = true;
  }
  return joined(plans);
}
