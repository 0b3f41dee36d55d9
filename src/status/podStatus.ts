// The PodStatus of one pod, projected from its record. Nobody writes status fields by hand.
// What facts alone can't tell (when a condition last changed, how the run before ended) comes from the projection before.
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import type { ContainerState, ContainerStatus, PodStatus } from '../api/kubernetes.ts';
import { qosClass } from '../api/qosClass.ts';
import { formatTime } from '../api/time.ts';
import { isReplaced } from '../core/rules/replaced.ts';
import type { PodRecord, Trouble, World } from '../core/world.ts';
import { conditionsOf, type Verdict } from './conditions.ts';
import { containerStatus } from './containerStatus.ts';
import { type Phase, phaseOf, type StatusesByName } from './phase.ts';

export function projectStatus(world: World, record: PodRecord): PodStatus {
  const pod = record.desired;
  if (pod === undefined) return { phase: 'Unknown' };
  if (record.refusal !== undefined) return refused(record, record.refusal);
  // It may run since before this start.
  if (!world.runtime.observed && record.lookedAt === undefined) return { phase: 'Unknown' };
  const before = record.status;
  const init = new Map<string, ContainerStatus>();
  for (const c of pod.spec.initContainers ?? []) init.set(c.name, statusOf(c, { world, record, isInitialised: false }));
  const isInitialised = pod.spec.initContainers?.every((c) => isPast(c, init.get(c.name))) ?? true;
  const app = new Map<string, ContainerStatus>();
  for (const c of pod.spec.containers) app.set(c.name, statusOf(c, { world, record, isInitialised }));
  limitMessages(pod, [init, app]);
  const statuses = {
    init,
    app,
    awaited: new Set(record.restartAll?.awaited),
    replaced: replacedIn(record, pod),
    hasBegun: hasBegun(record, pod),
  };
  const overdue = record.termination?.cause === 'deadline';
  const phase = finalPhase(before) ?? (hasFailed(record) ? 'Failed' : phaseOf(pod, statuses));
  const conditions = conditionsOf(pod, {
    phase,
    statuses,
    sandboxReady: hasReadySandbox(record, pod),
    isRestartingAll: record.stage === 'sync' && record.restartAll?.stage === 'stopping',
    now: formatTime(world.now.wall),
    previous: before?.conditions ?? [],
    more: resizeVerdicts(record),
  });
  return {
    phase,
    ...(overdue ? DEADLINE_EXCEEDED : (record.eviction ?? {})),
    conditions,
    ...hostAddresses(world),
    ...addresses(record, before),
    ...(record.startTime === undefined ? {} : { startTime: formatTime(record.startTime) }),
    ...listed('initContainerStatuses', [...init.values()]),
    ...listed('containerStatuses', sortedByName(statuses)),
    qosClass: qosClass(pod.spec),
  };
}

/** In the sandbox that it has now: in a new one it begins anew. */
function hasBegun({ sandboxes, containers }: PodRecord, { spec }: DesiredPod): boolean {
  const names = new Set(spec.containers.map((c) => c.name));
  return containers.some((c) => names.has(c.name) && c.sandboxId === sandboxes[0]?.id && c.state !== 'unknown');
}

function replacedIn(record: PodRecord, { spec }: DesiredPod): ReadonlySet<string> {
  return new Set(spec.containers.filter((c) => isReplaced(record, c)).map((c) => c.name));
}

/** How far it is from the resources that its manifest asks for. */
function resizeVerdicts({ resizePending, podFaults, inFlight }: PodRecord): readonly Verdict[] {
  const error = podFaults['resizePod'];
  const isUnderWay = error !== undefined || inFlight.some((a) => a.kind === 'resizePod');
  const why = error === undefined ? {} : { reason: 'Error', message: error.message };
  return [
    ...(resizePending === undefined ? [] : [{ type: 'PodResizePending', status: 'True', ...resizePending } as const]),
    ...(isUnderWay ? [{ type: 'PodResizeInProgress', status: 'True', ...why } as const] : []),
  ];
}

/** A pod that the node does not take has nothing but the reason. */
function refused(record: PodRecord, { reason, message }: Trouble): PodStatus {
  const started = record.startTime === undefined ? {} : { startTime: formatTime(record.startTime) };
  return { phase: 'Failed', reason, message: `Pod was rejected: ${message}`, ...started };
}

const DEADLINE_EXCEEDED = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/**
 * What its containers don't tell: it is past its deadline, takes more than it may, or has lost its sandbox before all of it had run. Until
 * everything is down it is shown as it is.
 */
function hasFailed({ termination, containers }: PodRecord): boolean {
  const { cause } = termination ?? {};
  return (
    (cause === 'deadline' || cause === 'lost' || cause === 'evicted') && !containers.some((c) => c.state === 'running')
  );
}

const TERMINATION_MESSAGES_MAX = 12 * 1024;

interface Context {
  readonly world: World;
  readonly record: PodRecord;
  readonly isInitialised: boolean;
}

function statusOf(container: DesiredContainer, { world, record, isInitialised }: Context): ContainerStatus {
  const all = [...(record.status?.initContainerStatuses ?? []), ...(record.status?.containerStatuses ?? [])];
  const previous = all.find((s) => s.name === container.name);
  return containerStatus(container, {
    world,
    record,
    defaultReason: isInitialised ? 'ContainerCreating' : 'PodInitializing',
    previous,
    runtimeName: world.runtime.name,
  });
}

function isPast(container: DesiredContainer, status: ContainerStatus | undefined): boolean {
  return container.restartPolicy === 'Always' ? status?.started === true : status?.state?.terminated?.exitCode === 0;
}

/** All termination messages of a pod together stay below 12 KiB, each with an equal share. */
function limitMessages(pod: DesiredPod, lists: readonly Map<string, ContainerStatus>[]): void {
  const count = pod.spec.containers.length + (pod.spec.initContainers ?? []).length;
  const share = Math.floor(TERMINATION_MESSAGES_MAX / count);
  for (const list of lists) for (const [name, status] of list) list.set(name, withShortMessages(status, share));
}

function withShortMessages(status: ContainerStatus, max: number): ContainerStatus {
  const isLong = (state: ContainerState | undefined): boolean => (state?.terminated?.message?.length ?? 0) > max;
  if (!isLong(status.state) && !isLong(status.lastState)) return status;
  const short = (state: ContainerState = {}): ContainerState =>
    state.terminated?.message === undefined
      ? state
      : { terminated: { ...state.terminated, message: state.terminated.message.slice(0, max) } };
  return { ...status, state: short(status.state), lastState: short(status.lastState) };
}

/** A pod that has ended does not come back under the same uid. */
function finalPhase(before: PodStatus | undefined): Phase | undefined {
  return before?.phase === 'Succeeded' || before?.phase === 'Failed' ? before.phase : undefined;
}

function hasReadySandbox(record: PodRecord, pod: DesiredPod): boolean {
  const newest = record.sandboxes[0];
  return newest?.state === 'ready' && (pod.spec.hostNetwork === true || newest.ips.length > 0);
}

function hostAddresses({ settings }: World): Pick<PodStatus, 'hostIP' | 'hostIPs'> {
  const [hostIP] = settings.hostIPs;
  return hostIP === undefined ? {} : { hostIP, hostIPs: settings.hostIPs.map((ip) => ({ ip })) };
}

/** The newest known addresses stay in the status after the sandbox is gone, as long as the pod does. */
function addresses(record: PodRecord, before: PodStatus | undefined): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const ready = record.sandboxes.find((s) => s.state === 'ready' && s.ips.length > 0);
  const ips = ready?.ips.map((ip) => ({ ip })) ?? before?.podIPs ?? [];
  const primary = ips[0]?.ip;
  return primary === undefined ? {} : { podIP: primary, podIPs: ips };
}

function listed<K extends string>(
  key: K,
  statuses: readonly ContainerStatus[],
): { [k in K]?: readonly ContainerStatus[] } {
  return statuses.length === 0 ? {} : ({ [key]: statuses } as { [k in K]?: readonly ContainerStatus[] });
}

function sortedByName({ app }: StatusesByName): readonly ContainerStatus[] {
  return [...app.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
