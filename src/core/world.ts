// The whole state of the runner as one immutable value. Only apply*.ts and turn.ts make new ones.
import type { ClaimFacts } from '../api/claim.ts';
import type { ContainerSize } from '../api/containerSize.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { PodStatus } from '../api/kubernetes.ts';
import type { Neighbour } from '../api/neighbour.ts';
import {
  type LocalImage,
  NO_FEATURES,
  type ObservedContainer,
  type ObservedSandbox,
  type RuntimeFeatures,
} from '../api/observed.ts';
import type { CarriedProbes, ProbeState } from '../api/probeVerdict.ts';
import type { PullProgress } from '../api/pullProgress.ts';
import type { Instant, MonoMs, WallMs } from '../api/time.ts';
import type { Action } from './action.ts';
import type { EventRecord } from './eventRecord.ts';

export interface World {
  readonly settings: Settings;
  /** Time of the newest input. */
  readonly now: Instant;
  /** What each configured source asks for; undefined until it has delivered once. */
  readonly sources: { readonly [source: string]: readonly DesiredPod[] | undefined };
  /** ConfigMaps, Secrets and claims that manifests give: hashes by key. What they hold is never in here. */
  readonly objects: ReadonlyMap<string, string>;
  /** Those of them that are claims, by the same keys. */
  readonly claims: ReadonlyMap<string, ClaimFacts>;
  readonly runtime: RuntimeView;
  /** What probes had told before this start: it holds until an instance is asked again. */
  readonly carried: CarriedProbes;
  /** Pods that an operator stopped: key to the hash of the version that was stopped. */
  readonly stopped: { readonly [key: string]: string };
  /** True once every pod is to end. */
  readonly draining: boolean;
  readonly pods: ReadonlyMap<string, PodRecord>;
  /** Pods that others can reach by name, see rules/neighbours.ts. */
  readonly neighbours: readonly Neighbour[];
  /** Documents that lost against another of the same namespace and name. */
  readonly conflicts: readonly Conflict[];
  /** When each pod has to be planned again though nothing happens, by uid. */
  readonly agenda: ReadonlyMap<string, MonoMs>;
  /** Newest last, bounded by settings.eventsMax. */
  readonly events: readonly EventRecord[];
}

export interface Settings {
  readonly nodeName: string;
  /** Addresses of this node, the first one is its address. */
  readonly hostIPs: readonly string[];
  readonly crashLoopInitialMs: number;
  readonly crashLoopMaxMs: number;
  /** What pods may have of this node together. */
  readonly capacity: NodeCapacity;
  readonly allowedUnsafeSysctls: readonly string[];
  /** Labels of this node, which selectors of pods are held against. */
  readonly nodeLabels: { readonly [key: string]: string };
  /** Handlers of the runtime by the runtimeClassName that pods ask for them with. */
  readonly runtimeClasses: { readonly [name: string]: string };
  readonly eventsMax: number;
}

export interface NodeCapacity {
  readonly pods: number;
  /** Milli-CPUs. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly 'ephemeral-storage': number;
  /** Bytes of huge pages by the size of one page in bytes. */
  readonly hugePages: { readonly [pageBytes: string]: number };
}

export interface RuntimeView {
  /** "containerd", "cri-o": the scheme of container ids in a status. */
  readonly name: string;
  readonly version: string;
  /** A complete observation has been applied since start; before that nothing is planned. */
  readonly observed: boolean;
  readonly ready: boolean;
  readonly networkReady: boolean;
  readonly message: string;
  readonly features: RuntimeFeatures;
}

export interface Conflict {
  readonly key: string;
  readonly kept: DesiredPod;
  readonly refused: DesiredPod;
}

/**
 *   sync ──────► terminating ──────► terminated ──────► forgotten
 *   (runs)       (stop, in order)    (objects kept or removed)
 *
 * A pod that completed stays `terminated` with its containers kept for their logs; one that was removed,
 * stopped or restarted has them removed, and then is forgotten or starts again from `sync`.
 */
export type Stage = 'sync' | 'terminating' | 'terminated';

export type TerminationCause =
  | 'removed'
  | 'replaced'
  | 'stopped'
  | 'restarted'
  | 'orphaned'
  | 'drained'
  | 'completed'
  | 'lost'
  | 'deadline'
  | 'evicted';

export interface Termination {
  readonly cause: TerminationCause;
  readonly since: Instant;
  readonly graceSeconds: number;
}

/** One incarnation of a pod: everything known about one uid. */
export interface PodRecord {
  readonly uid: string;
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent for what the runtime holds and no source has asked for since start. */
  readonly desired?: DesiredPod;
  /** Some source asks for it and no operator has stopped it. */
  readonly wanted: boolean;
  readonly seen: Instant;
  /** The node has taken it: decided once, when it is first planned. */
  readonly admitted: boolean;
  /** Why the node has not. */
  readonly refusal?: Trouble;
  readonly startTime?: WallMs;
  /** The same, on the clock that never jumps. */
  readonly activeSince?: MonoMs;
  readonly stage: Stage;
  readonly termination?: Termination;
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[];
  /** Newest first, all names. */
  readonly containers: readonly ObservedContainer[];
  /** When an object was last changed by an outcome of ours: older observations can't contradict it. */
  readonly learned: { readonly [id: string]: { readonly at: MonoMs; readonly gone: boolean } };
  /** When the newest look that is folded in began: older ones teach nothing. */
  readonly lookedAt?: MonoMs;
  /** Not to be planned before an observation that began at or after this instant. */
  readonly observeFrom?: MonoMs;
  readonly inFlight: readonly Action[];
  readonly volumes: 'unknown' | 'ready' | 'gone';
  /** Version of what its volumes show, see rules/contents.ts; undefined until they are ready. */
  readonly contents?: string;
  /** The other pods that its hosts file shows; undefined while it is not known. */
  readonly neighbours?: readonly Neighbour[];
  /** When its volumes were last counted. */
  readonly measured?: { readonly begunAt: MonoMs; readonly endedAt: MonoMs };
  /** Why it has to go: it takes more than it may. */
  readonly eviction?: Refusal;
  /** Running containers that have not been told of new files yet, by container id. */
  readonly signalsDue: readonly string[];
  /** Limits of the pod's cgroup, see rules/resize.ts; undefined until its directories are made. */
  readonly podSize?: string;
  /** Sizes that containers were given while they ran, by container id. */
  readonly sizes: { readonly [containerId: string]: ContainerSize };
  /** Why the pod does not get the resources that its manifest asks for now. */
  readonly resizePending?: Refusal;
  readonly stoppedSandboxes: readonly string[];
  /** What was found or pulled for the next start, by container, or container and volume: api/wantedImages.ts. */
  readonly images: { readonly [container: string]: LocalImage | 'absent' };
  /** Images that are being fetched, by the container that waits for them. */
  readonly pulls: { readonly [container: string]: Pull };
  /** Why the last try to start a container failed, by name; cleared by success. */
  readonly startFaults: { readonly [container: string]: Trouble };
  /** Why the last try at something for the whole pod failed, by action kind. */
  readonly podFaults: { readonly [actionKind: string]: Trouble };
  /** Crash back-off by container name. */
  readonly crashLoops: { readonly [container: string]: CrashLoop };
  /** When the instance before the newest one was over, by container name. */
  readonly previousExits: { readonly [container: string]: MonoMs };
  /** All its containers are being restarted in place. */
  readonly restartAll?: RestartAll;
  /** What probing has told, by "container/type". */
  readonly probes: { readonly [key: string]: ProbeState };
  /** Instances that we started and whose postStart has not run yet, or has failed; by container id. */
  readonly postStarts: { readonly [containerId: string]: 'due' | 'failed' };
  /** Instances that are being stopped, by container id. */
  readonly stops: { readonly [containerId: string]: Stopping };
  /** When a running instance was started, on the clock that never jumps, by container id. */
  readonly starts: { readonly [id: string]: MonoMs };
  /** When an instance was over, on the clock that never jumps, by container id. */
  readonly exits: { readonly [containerId: string]: MonoMs };
  /** Highest restart number known, by container name. */
  readonly attempts: { readonly [container: string]: number };
  /** Keys of events that are said once per cause. */
  readonly said: { readonly [topic: string]: string };
  /** The newest projection; the next one keeps from it what facts alone can't tell (transition times, last states). */
  readonly status?: PodStatus;
  /** Why nothing more is being done for it now, and when that will change by time alone. */
  readonly waitingFor?: WaitingFor;
}

export interface Pull {
  readonly image: string;
  readonly since: Instant;
  /** As far as the runtime has told. */
  readonly progress?: PullProgress;
}

export interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly since: Instant;
  readonly failures: number;
  /** What could not be pulled. */
  readonly image?: string;
  /** Not tried again before. */
  readonly retryAt: MonoMs;
}

/** Why this node does not take a pod. */
export type Refusal = Pick<Trouble, 'reason' | 'message'>;

export interface WaitingFor {
  readonly reason: string;
  readonly message: string;
  readonly until?: MonoMs;
}

/** The end of one instance: the clock of its grace period runs from `since`, its preStop included. */
export interface Stopping {
  /** Absent after a stop that failed: perhaps nobody has told the container, so the next one gives it all its time. */
  readonly since?: MonoMs;
  readonly preStop: 'none' | 'running' | 'done';
  /** When the runtime kills it, once it has been asked to stop it. */
  readonly killAt?: MonoMs;
  /** It was stopped in order to be started again. */
  readonly isRestart: boolean;
}

/** A restart of all containers in place, see rules/restartAll.ts. */
export interface RestartAll {
  readonly stage: 'stopping' | 'starting';
  /** Who asked for it, by container name. */
  readonly askers: { readonly [container: string]: Asker };
  /** Containers that have not started again. */
  readonly awaited: readonly string[];
}

export interface Asker {
  readonly containerId: string;
  readonly exitCode: number;
  /** When it ended: its own back-off counts from there. */
  readonly exit: MonoMs;
}

export interface CrashLoop {
  readonly delayMs: number;
  readonly lastStart: MonoMs;
}

/** What is known from before this start. */
export type Kept = Pick<World, 'stopped' | 'carried'>;

export function newWorld(
  settings: Settings,
  sources: readonly string[],
  { stopped, carried }: Kept,
  now: Instant,
): World {
  return {
    settings,
    now,
    sources: Object.fromEntries(sources.map((source) => [source, undefined])),
    objects: new Map(),
    claims: new Map(),
    runtime: {
      name: '',
      version: '',
      observed: false,
      ready: false,
      networkReady: false,
      message: 'no answer from the container runtime yet',
      features: NO_FEATURES,
    },
    stopped,
    carried,
    draining: false,
    pods: new Map(),
    neighbours: [],
    conflicts: [],
    agenda: new Map(),
    events: [],
  };
}

export function newRecord(
  identity: Pick<PodRecord, 'uid' | 'key' | 'namespace' | 'name'>,
  more: Pick<PodRecord, 'wanted' | 'seen'> & { readonly desired?: DesiredPod },
): PodRecord {
  return {
    ...identity,
    ...more,
    stage: 'sync',
    admitted: false,
    sandboxes: [],
    containers: [],
    learned: {},
    inFlight: [],
    volumes: 'unknown',
    signalsDue: [],
    sizes: {},
    stoppedSandboxes: [],
    images: {},
    pulls: {},
    startFaults: {},
    podFaults: {},
    crashLoops: {},
    previousExits: {},
    probes: {},
    postStarts: {},
    stops: {},
    starts: {},
    exits: {},
    attempts: {},
    said: {},
  };
}

/** Every configured source has delivered: from here on, what nobody asks for may be removed. */
export function sourcesReady(world: World): boolean {
  return Object.values(world.sources).every((pods) => pods !== undefined);
}

/** A probe or a handler of an instance that has ended meanwhile. */
export function isForTheDead(record: PodRecord, action: Action): boolean {
  if (action.kind !== 'probe' && action.kind !== 'preStop' && action.kind !== 'postStart') return false;
  return !record.containers.some((c) => c.id === action.containerId && c.state === 'running');
}

/** It runs, or nobody can tell that it does not. */
export function isLive({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'unknown';
}

/** The newest instance of a container. */
export function newestInstance(record: PodRecord, container: string): ObservedContainer | undefined {
  return record.containers.find((c) => c.name === container);
}

export function instancesOf(record: PodRecord, container: string): readonly ObservedContainer[] {
  return record.containers.filter((c) => c.name === container);
}

/** The restart number that the next instance of a container gets. */
export function nextAttempt(record: PodRecord, container: string): number {
  return (record.attempts[container] ?? -1) + 1;
}
