// Stops every container of a pod in the right order, then every sandbox. Shared by the end of a pod and by the
// replacement of its sandbox. Rule: kubelet killPodWithSyncResult and the sidecar termination order (1.28).
import { isSidecar } from '../../api/desiredPod.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import type { MonoMs } from '../../api/time.ts';
import { type Action, type ActionKind, actionId } from '../action.ts';
import { isForTheDead, isLive, type PodRecord, type World } from '../world.ts';
import { joined, NOTHING, type PodPlan, waiting } from './podPlan.ts';
import { planStopContainer } from './stopContainer.ts';

export const BEGINNINGS: ReadonlySet<ActionKind> = new Set([
  'setUpPod',
  'createSandbox',
  'startContainer',
  'startCreated',
]);

/** An empty plan means that everything is stopped. */
export function planStopAll(world: World, record: PodRecord, because: string): PodPlan {
  const cancel = record.inFlight.filter((a) => isPointless(record, a)).map(actionId);
  const beginning = record.inFlight.some((a) => BEGINNINGS.has(a.kind));
  const live = record.containers.filter(isLive);
  if (live.length > 0) return planContainers(world, record, { live, because, cancel });
  if (beginning) return { ...waiting('Starting', 'Waiting for a start in flight before stopping'), cancel };
  const sandboxes = record.sandboxes.filter((s) => !record.stoppedSandboxes.includes(s.id));
  if (sandboxes.length === 0) return { ...NOTHING, cancel };
  const hold = heldBack(world, record, 'stopSandbox');
  if (hold !== undefined) return hold;
  const stopping = new Set(record.inFlight.flatMap((a) => (a.kind === 'stopSandbox' ? [a.sandboxId] : [])));
  const actions = sandboxes
    .filter((s) => !stopping.has(s.id))
    .map((s): Action => ({ kind: 'stopSandbox', podUid: record.uid, sandboxId: s.id, because }));
  return { ...waiting('Stopping', 'Waiting for the pod sandbox to stop'), actions, cancel };
}

/** What has no use for a pod that ends: images, starts' handlers, and what asks for more than a container can still do. */
export function isPointless(record: PodRecord, action: Action): boolean {
  if (action.kind === 'probe' && action.type !== 'readiness') return true;
  return (
    [
      'refreshVolumes',
      'measureVolumes',
      'refreshHosts',
      'resizePod',
      'inspectImage',
      'pullImage',
      'postStart',
    ].includes(action.kind) || isForTheDead(record, action)
  );
}

interface LiveContainers {
  readonly live: readonly ObservedContainer[];
  readonly because: string;
  readonly cancel: readonly string[];
}

function planContainers(world: World, record: PodRecord, { live, because, cancel }: LiveContainers): PodPlan {
  const hold = heldBack(world, record, 'stopContainer');
  if (hold !== undefined) return hold;
  const { termination } = record;
  const graceSeconds = termination?.graceSeconds ?? record.desired?.spec.terminationGracePeriodSeconds ?? 30;
  const plans = live.map((c) => {
    const since = clockOf(record, c);
    return planStopContainer(world, record, c, {
      graceSeconds,
      ...(since === undefined ? {} : { since }),
      because,
      message: `Stopping container ${c.name}`,
      isItsTurn: isItsTurn(record, c, live),
    });
  });
  const message = `Waiting for ${live.map((c) => c.name).join(', ')} to stop`;
  return joined([waiting('Stopping', message), ...plans, { ...NOTHING, cancel }]);
}

/**
 * When the clock of a container's grace period began: when it was first told of its end, not when somebody wished for
 * it. A sidecar shares the budget of the containers that it waits for.
 */
function clockOf({ termination, stops, desired }: PodRecord, { id, name }: ObservedContainer): MonoMs | undefined {
  const isShared = desired?.spec.initContainers?.some((c) => c.name === name && isSidecar(c)) ?? false;
  const steps = isShared ? Object.values(stops).filter((s) => !s.isRestart) : [stops[id]];
  const began = steps.flatMap((s) => s?.since ?? []);
  return began.length === 0 ? undefined : Math.max(Math.min(...began), termination?.since.mono ?? 0);
}

/** App containers stop at once; a sidecar waits for them and for every sidecar that started after it. */
function isItsTurn(record: PodRecord, container: ObservedContainer, live: readonly ObservedContainer[]): boolean {
  const sidecars = (record.desired?.spec.initContainers ?? []).filter(isSidecar).map((c) => c.name);
  const index = sidecars.indexOf(container.name);
  if (index < 0) return true;
  return !live.some((c) => c.id !== container.id && (sidecars.indexOf(c.name) < 0 || sidecars.indexOf(c.name) > index));
}

export function heldBack(
  world: World,
  record: PodRecord,
  kind: 'stopContainer' | 'stopSandbox' | 'removeContainer',
): PodPlan | undefined {
  const trouble = record.podFaults[kind];
  if (trouble === undefined || world.now.mono >= trouble.retryAt) return undefined;
  return waiting('FailedKillPod', trouble.message, trouble.retryAt);
}
