// What the local API needs of the running loop: read the latest projection, be told of changes, hand in a request.
// Implemented by daemon/; the server never sees the world itself.
import type { ClaimName } from '../api/claim.ts';
import type { Pod } from '../api/kubernetes.ts';
import type { Diagnostic } from '../manifest/diagnostic.ts';

/** A file, URL or document that does not run, and why. */
export interface SourceTrouble {
  readonly location: string;
  /**
   * rejected: it should run and cannot. ignored: it is not a manifest (dotfile, backup, sub-directory, …). failed: it
   * could not be read. held: it is gone, and its pods run until a person accepts that.
   */
  readonly kind: 'rejected' | 'ignored' | 'failed' | 'held';
  readonly message: string;
  readonly diagnostics: readonly Diagnostic[];
  /** rejected: the first digits of the digest of the refused text, and the pods of the file that run meanwhile. */
  readonly version?: string;
  readonly running?: readonly { readonly key: string; readonly hash: string }[];
}

/** A Kubernetes-style record for people. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** "namespace/name", or undefined for the node. */
  readonly pod?: string;
  readonly podUid?: string;
  /** "spec.containers{web}" when it is about one container. */
  readonly fieldPath?: string;
  readonly count: number;
  /** RFC 3339. */
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

/** The last answer to one probe of a container that runs. */
export interface ProbeNote {
  readonly container: string;
  readonly type: 'startup' | 'liveness' | 'readiness';
  readonly result: 'success' | 'warning' | 'failure' | 'error';
  /** At most 1,024 characters. */
  readonly output: string;
  /** RFC 3339. */
  readonly at: string;
  /** Answers in a row that agree, this one included. */
  readonly inARow: number;
}

/** Why a pod is where it is, beyond what a PodStatus can say. */
export interface PodNote {
  readonly uid: string;
  readonly key: string;
  /** The word for the STATUS column: Running, CrashLoopBackOff, Init:0/1, Terminating, Stopped, … */
  readonly display: string;
  /** One sentence when the pod waits for something. */
  readonly waitingFor?: string;
  /** RFC 3339 of the next attempt, when time alone brings it. */
  readonly nextTryAt?: string;
  /** Images that are being fetched for it. */
  readonly pulls?: readonly PullNote[];
  /** Where the manifest stands: "path:line". */
  readonly origin: string;
  readonly hash: string;
  readonly ignoredFields: readonly string[];
  /** Volumes of claims with what was asked for: "data (1Gi)". */
  readonly claims: readonly string[];
  /** What probes were told last, by container. */
  readonly probes: readonly ProbeNote[];
  /** True when an operator stopped it. */
  readonly stopped: boolean;
}

export interface PullNote {
  readonly container: string;
  readonly image: string;
  /** RFC 3339. */
  readonly since: string;
  /** In words: image, time and bytes, as far as the runtime can tell. */
  readonly text: string;
}

export interface RunnerSnapshot {
  /** Increases with every change. */
  readonly version: number;
  /** Pods with their status, by namespace and name; the shape of the kubelet's /pods items. */
  readonly pods: readonly Pod[];
  /** By pod uid. */
  readonly notes: { readonly [uid: string]: PodNote };
  readonly troubles: readonly SourceTrouble[];
  /** Newest last; bounded. */
  readonly events: readonly PodEvent[];
  readonly node: {
    readonly name: string;
    readonly runtimeReady: boolean;
    readonly networkReady: boolean;
    /** "containerd 1.6.20", or why there is none. */
    readonly runtime: string;
    readonly message?: string;
    /** Every source has delivered at least once. */
    readonly sourcesReady: boolean;
  };
}

/** One instance of a container as the runtime holds it. */
export interface ContainerInstance {
  /** The runtime's id, without the scheme that a status has before it. */
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly isRunning: boolean;
  readonly logPath: string;
}

/** What the runtime holds of one pod. */
export interface PodInstances {
  /** Absent while there is none that is ready. */
  readonly sandboxId?: string;
  /** Newest first, dead ones included as long as they are kept. */
  readonly containers: readonly ContainerInstance[];
}

export type RunnerVerb = 'stop' | 'start' | 'restart';

/** Which pods are meant: all, or by names ("web", "web-node", "ns/web"; unique prefixes count). */
export type PodSelection = { readonly all: true } | { readonly names: readonly string[]; readonly namespace?: string };

export type RunnerReply =
  | { readonly ok: true; readonly pods: readonly string[] }
  | { readonly ok: false; readonly status: 404 | 409; readonly message: string };

/** The volume of a claim, as people are told of it. */
export interface VolumeNote extends ClaimName {
  /**
   * Bound: some manifest gives the claim. Pending: it does, and no pod has needed the volume yet. Released: none does,
   * the data is kept. Unknown: no runner is alive to tell.
   */
  readonly status: 'Bound' | 'Pending' | 'Released' | 'Unknown';
  /** What was asked for; nothing holds a pod to it. */
  readonly storage?: string;
  readonly accessModes?: readonly string[];
  /** Keys of the pods that use it. */
  readonly pods: readonly string[];
  readonly path?: string;
  readonly usedBytes?: number;
  /** False where counting was given up: there is more. */
  readonly usedIsComplete?: boolean;
  /** RFC 3339. */
  readonly createdAt?: string;
  /** Where the claim stands: "path:line". */
  readonly origin?: string;
}

export type RemoveReply =
  | { readonly ok: true; readonly removed: readonly string[] }
  | { readonly ok: false; readonly status: 404 | 409; readonly message: string };

export interface RunnerPort {
  snapshot(): RunnerSnapshot;
  instances(podUid: string): PodInstances;
  /** Calls back after each change until the signal aborts. */
  subscribe(changed: () => void, signal: AbortSignal): void;
  /** Lets the pods end whose removal is held. @returns their keys */
  accept(): Promise<readonly string[]>;
  /** Records the request (it survives a restart) and returns at once; progress shows in the snapshot. */
  request(verb: RunnerVerb, selection: PodSelection): Promise<RunnerReply>;
  volumes(signal: AbortSignal): Promise<readonly VolumeNote[]>;
  /** Removes volumes for good, unless a pod uses one of them. */
  removeVolumes(volumes: readonly ClaimName[], signal: AbortSignal): Promise<RemoveReply>;
  /** The effective configuration with the origin of every value, for /configz. */
  config(): { readonly [key: string]: { readonly value: unknown; readonly origin: string } };
}
