// The status of one container, from its instances, what holds back its next start, and what was said before. Pure.
// Rule: kubelet convertToAPIContainerStatuses and the waiting overlay of generateAPIPodStatus.
import { type DesiredContainer, isSidecar } from '../api/desiredPod.ts';
import { formatGoDuration } from '../api/duration.ts';
import type {
  ContainerState,
  ContainerStateTerminated,
  ContainerStateWaiting,
  ContainerStatus,
} from '../api/kubernetes.ts';
import type { ObservedContainer } from '../api/observed.ts';
import { formatTime, type MonoMs } from '../api/time.ts';
import { heldBackUntil } from '../core/rules/crashBackoff.ts';
import { pullText } from '../core/rules/pullText.ts';
import { hasItsSize } from '../core/rules/resize.ts';
import { restartsAfterExit } from '../core/rules/restart.ts';
import { isBackingOff } from '../core/rules/retry.ts';
import { isReady as isContainerReady, isStarted } from '../core/rules/started.ts';
import type { PodRecord, Trouble, World } from '../core/world.ts';
import { instancesOf, nextAttempt } from '../core/world.ts';

/** An exit is shown as such for this long (or half of the back-off), then as the back-off: the reference's resync. */
export const FIRST_EXIT_SHOWN_MS = 1_000;
export const EXIT_SHOWN_MS = 10_000;
/** A run shorter than one relist of the reference leaves no trace of the run before it. */
export const NOTICED_RUN_MS = 1_000;

export interface ContainerFacts {
  readonly world: World;
  readonly record: PodRecord;
  /** PodInitializing while init containers are ahead, else ContainerCreating. */
  readonly defaultReason: string;
  readonly previous: ContainerStatus | undefined;
  readonly runtimeName: string;
}

export function containerStatus(container: DesiredContainer, facts: ContainerFacts): ContainerStatus {
  const { record, previous } = facts;
  const [newest, older] = instancesOf(record, container.name);
  const base = {
    ...volumeMountStatuses(container, facts),
    name: container.name,
    image: newest?.image || container.image,
    imageID: newest?.imageRef ?? '',
  };
  if (newest === undefined) return withoutInstance(base, container, facts);
  if (newest.state === 'exited' && isRestarting(facts)) return whileRestarting(base, newest, facts);
  const own = stateOf(newest, facts);
  const last = lastState(newest, older, facts);
  const shown = overlay(container, newest, { own, last, facts });
  return {
    ...base,
    ready: isReady(container, newest, facts),
    restartCount: restartCount(newest, facts),
    started: newest.state === 'running' && isStarted(record, container),
    containerID: `${facts.runtimeName}://${newest.id}`,
    state: shown.state,
    lastState: shown.last ?? previousLast(previous),
    ...resourcesOf(container, newest, facts),
  };
}

/** What the pod is granted, and what the instance has: that follows a changed manifest when it has been resized. */
function resourcesOf(
  container: DesiredContainer,
  instance: ObservedContainer,
  { record, previous }: ContainerFacts,
): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const pod = record.desired;
  const { requests, limits } = container.resources ?? {};
  if (pod === undefined || (requests === undefined && limits === undefined)) return {};
  const current = hasItsSize(record, { pod, container, instance }) ? { requests, limits } : previous?.resources;
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    ...(current === undefined
      ? {}
      : {
          resources: {
            ...(current.limits === undefined ? {} : { limits: current.limits }),
            ...(current.requests === undefined ? {} : { requests: current.requests }),
          },
        }),
  };
}

const RESTARTING_ALL = {
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
};

function isRestarting({ record }: ContainerFacts): boolean {
  return record.stage === 'sync' && record.restartAll?.stage === 'stopping';
}

/** It has ended, or was stopped, and starts anew with all containers of the pod. */
function whileRestarting(base: Base, newest: ObservedContainer, facts: ContainerFacts): ContainerStatus {
  const own = terminated(newest, facts);
  const isStopped = facts.record.stops[newest.id] !== undefined;
  return {
    ...base,
    ready: false,
    restartCount: restartCount(newest, facts),
    started: false,
    containerID: `${facts.runtimeName}://${newest.id}`,
    state: { waiting: RESTARTING_ALL },
    lastState: { terminated: isStopped ? { ...own, ...RESTARTING_ALL, exitCode: 137 } : own },
  };
}

/** What became of each mount: whether read-only means everything below it, too. */
function volumeMountStatuses(
  { volumeMounts = [] }: DesiredContainer,
  { world }: ContainerFacts,
): Pick<ContainerStatus, 'volumeMounts'> {
  if (volumeMounts.length === 0) return {};
  const isRecursive = (mode = 'Disabled'): boolean =>
    mode === 'Enabled' || (mode === 'IfPossible' && world.runtime.features.recursiveReadOnly);
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true
        ? { readOnly, recursiveReadOnly: isRecursive(recursiveReadOnly) ? 'Enabled' : 'Disabled' }
        : {}),
    })),
  };
}

/** It never falls, not even when the newest instance is lost and the one before it is the newest again. */
function restartCount(newest: ObservedContainer, facts: ContainerFacts): number {
  const before = facts.previous?.restartCount;
  if (before === undefined) return newest.attempt;
  return isNoticed(newest, facts) ? Math.max(before, newest.attempt) : before;
}

function previousLast(previous: ContainerStatus | undefined): ContainerState {
  return previous?.lastState ?? {};
}

interface Base extends Pick<ContainerStatus, 'volumeMounts'> {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
}

/** No instance: it has not been made, was removed after it ended, or was lost. */
function withoutInstance(base: Base, container: DesiredContainer, facts: ContainerFacts): ContainerStatus {
  const { previous, record } = facts;
  const isAwaited = record.restartAll?.awaited.includes(container.name) ?? false;
  if (previous?.state?.terminated !== undefined && !isAwaited) return previous;
  const lost = previous?.state?.running;
  const lastState: ContainerState =
    lost === undefined
      ? previous?.state?.terminated === undefined
        ? previousLast(previous)
        : { terminated: previous.state.terminated }
      : {
          terminated: {
            exitCode: 137,
            reason: 'ContainerStatusUnknown',
            message: 'The container could not be located when the pod was deleted.  The container used to be Running',
          },
        };
  if (!isAwaited && isPastInit(container, facts)) return { ...(previous ?? unseen(base, container, facts)), ...DONE };
  const trouble = record.startFaults[container.name];
  const waiting = isRestarting(facts)
    ? RESTARTING_ALL
    : trouble === undefined
      ? (heldBackWaiting(container.name, facts) ?? noTroubleYet(container, facts))
      : troubleWaiting(container, trouble, facts);
  return {
    ...base,
    ready: false,
    restartCount: countWithoutInstance(container, facts),
    started: false,
    state: { waiting },
    lastState,
  };
}

/** A lost instance counts: the next one has a number above it. */
function countWithoutInstance({ name }: DesiredContainer, { record, previous }: ContainerFacts): number {
  const isLost = previous?.state?.running !== undefined;
  if (previous !== undefined && !isLost) return previous.restartCount;
  return Math.max(previous?.restartCount ?? 0, nextAttempt(record, name));
}

/** A plain init container of a pod whose app containers have begun: it has done its work, whoever removed it since. */
function isPastInit(container: DesiredContainer, { record }: ContainerFacts): boolean {
  const { spec } = record.desired ?? {};
  if (isSidecar(container) || !spec?.initContainers?.some((c) => c.name === container.name)) return false;
  const names = new Set(spec.containers.map((c) => c.name));
  const sandboxId = record.sandboxes[0]?.id;
  return record.containers.some(
    (c) => names.has(c.name) && c.sandboxId === sandboxId && (c.state === 'created' || c.state === 'running'),
  );
}

const DONE = {
  ready: true,
  started: false,
  state: {
    terminated: {
      exitCode: 0,
      reason: 'Completed',
      message:
        'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
    },
  },
};

function unseen(base: Base, { name }: DesiredContainer, { record }: ContainerFacts): ContainerStatus {
  return { ...base, ready: true, restartCount: Math.max(0, nextAttempt(record, name) - 1), lastState: {} };
}

/** Unlike the reference it says that an image is on its way. */
function noTroubleYet(
  { name }: DesiredContainer,
  { world, record, defaultReason }: ContainerFacts,
): ContainerStateWaiting {
  const pull = record.pulls[name];
  return pull === undefined ? { reason: defaultReason } : { reason: defaultReason, message: pullText(pull, world.now) };
}

function stateOf(c: ObservedContainer, facts: ContainerFacts): ContainerState {
  switch (c.state) {
    case 'created':
      return { waiting: { reason: facts.defaultReason } };
    case 'running':
      return { running: { startedAt: formatTime(c.startedAt ?? c.createdAt) } };
    case 'exited':
      return { terminated: terminated(c, facts) };
    case 'unknown':
      return { waiting: {} };
  }
}

function terminated(c: ObservedContainer, facts: ContainerFacts): ContainerStateTerminated {
  return {
    containerID: `${facts.runtimeName}://${c.id}`,
    exitCode: c.exitCode ?? 0,
    reason: c.reason || (c.exitCode === 0 ? 'Completed' : 'Error'),
    ...(c.message ? { message: c.message } : {}),
    ...(c.startedAt === undefined ? {} : { startedAt: formatTime(c.startedAt) }),
    ...(c.finishedAt === undefined ? {} : { finishedAt: formatTime(c.finishedAt) }),
  };
}

/** The run before this one, once this one has lasted long enough to be noticed. */
function lastState(
  newest: ObservedContainer,
  older: ObservedContainer | undefined,
  facts: ContainerFacts,
): ContainerState | undefined {
  if (older?.state !== 'exited' || newest.state !== 'running') return undefined;
  return isNoticed(newest, facts) ? { terminated: terminated(older, facts) } : undefined;
}

/** The reference sees an instance at its next relist; until then it shows the count and the last state of before. */
function isNoticed({ id, state }: ObservedContainer, { world, record }: ContainerFacts): boolean {
  const { mono } = world.now;
  return state !== 'running' || mono - (record.starts[id] ?? mono) >= NOTICED_RUN_MS;
}

interface Shown {
  readonly own: ContainerState;
  readonly last: ContainerState | undefined;
  readonly facts: ContainerFacts;
}

/** Shows what holds back the next start in place of how the last run ended, which moves to the last state. */
function overlay(
  container: DesiredContainer,
  newest: ObservedContainer,
  { own, last, facts }: Shown,
): { state: ContainerState; last: ContainerState | undefined } {
  const { record } = facts;
  const pod = record.desired;
  if (newest.state !== 'exited' || pod === undefined || record.stage !== 'sync') return { state: own, last };
  const isInit = pod.spec.initContainers?.some((c) => c.name === container.name) ?? false;
  const done = isInit && !isSidecar(container) && newest.exitCode === 0;
  if (done || !restartsAfterExit(pod, container, newest.exitCode ?? 1)) return { state: own, last };
  const trouble = record.startFaults[container.name];
  const waiting =
    trouble === undefined ? backoffWaiting(container, newest, facts) : troubleWaiting(container, trouble, facts);
  return waiting === undefined ? { state: own, last } : { state: { waiting }, last: own };
}

function troubleWaiting(
  container: DesiredContainer,
  trouble: Trouble,
  { world }: ContainerFacts,
): ContainerStateWaiting {
  if (!isBackingOff(trouble, world.now.mono)) return { reason: trouble.reason, message: trouble.message };
  const message = `Back-off pulling image "${trouble.image ?? container.image}": ${trouble.reason}: ${trouble.message}`;
  return { reason: 'ImagePullBackOff', message };
}

function backoffWaiting(
  container: DesiredContainer,
  newest: ObservedContainer,
  facts: ContainerFacts,
): ContainerStateWaiting | undefined {
  // It is shown until there is another instance: a start under way has the delay of the next one already.
  const { containerID, state } = facts.previous ?? {};
  const isShown = state?.waiting?.reason === 'CrashLoopBackOff' && containerID?.endsWith(newest.id) === true;
  if (isShown) return state.waiting;
  if (facts.record.inFlight.some((a) => a.kind === 'startContainer' && a.container === container.name))
    return undefined;
  if (facts.world.now.mono < backoffShownFrom(facts.record, newest, facts.world)) return undefined;
  return heldBackWaiting(container.name, facts);
}

function heldBackWaiting(name: string, { record, world }: ContainerFacts): ContainerStateWaiting | undefined {
  const crashLoop = record.crashLoops[name];
  if (crashLoop === undefined || heldBackUntil(record, name, world.now.mono) === undefined) return undefined;
  const pod = `${record.name}_${record.namespace}(${record.uid})`;
  const message = `back-off ${formatGoDuration(crashLoop.delayMs)} restarting failed container=${name} pod=${pod}`;
  return { reason: 'CrashLoopBackOff', message };
}

/** When the exit of an instance gives way to the back-off in what people see. */
export function backoffShownFrom(record: PodRecord, newest: ObservedContainer, world: World): MonoMs {
  const exit = record.exits[newest.id] ?? world.now.mono;
  const delay = record.crashLoops[newest.name]?.delayMs ?? 0;
  const shown = delay <= world.settings.crashLoopInitialMs ? FIRST_EXIT_SHOWN_MS : EXIT_SHOWN_MS;
  return exit + Math.min(shown, delay / 2);
}

function isReady(container: DesiredContainer, newest: ObservedContainer, { record }: ContainerFacts): boolean {
  const isInit = record.desired?.spec.initContainers?.some((c) => c.name === container.name) ?? false;
  if (isInit && !isSidecar(container)) return newest.state === 'exited' && newest.exitCode === 0;
  return isContainerReady(record, container);
}
