// What the runtime reports. Decoded once in cri/decode; everything else reads only these types.
// All times are wall clock of the runtime's machine, in milliseconds.
import type { WallMs } from './time.ts';

export interface ObservedSandbox {
  readonly id: string;
  readonly podUid: string;
  readonly name: string;
  readonly namespace: string;
  readonly attempt: number;
  readonly state: 'ready' | 'notReady';
  readonly createdAt: WallMs;
  /** Empty for pods on the host's network and while the network is not set up. Primary address first. */
  readonly ips: readonly string[];
  readonly network: 'pod' | 'node';
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
}

/** created, running and exited only move forward for one id; unknown is an honest "the runtime can't say". */
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

export interface ObservedContainer {
  readonly id: string;
  readonly podUid: string;
  readonly sandboxId: string;
  readonly name: string;
  /** The restart count it was created with. */
  readonly attempt: number;
  readonly state: ContainerState;
  readonly createdAt: WallMs;
  readonly startedAt?: WallMs;
  readonly finishedAt?: WallMs;
  readonly exitCode?: number;
  /** The runtime's own word: Completed, Error, OOMKilled, StartError, … */
  readonly reason?: string;
  readonly message?: string;
  /** The image as the runtime names it, and the digest or id it resolved to. */
  readonly image: string;
  readonly imageRef: string;
  /** Hash of image and name that it was created from (annotation io.kubernetes.container.hash). */
  readonly specHash: string;
  readonly logPath: string;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
}

/** A look at the runtime: everything it holds of ours, or everything of one pod. */
export interface Observation {
  /** Undefined: all pods of this runner. */
  readonly podUid?: string;
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

/** An image that is present on this machine. */
export interface LocalImage {
  /** What CreateContainer must be given: image id or digest reference. */
  readonly ref: string;
  readonly sizeBytes: number;
  /** The user the image asks for; neither means root. */
  readonly uid?: number;
  readonly username?: string;
}

export interface RuntimeVersion {
  /** "containerd" or "cri-o"; the scheme of container ids in a status. */
  readonly name: string;
  readonly version: string;
}

export interface RuntimeCondition {
  readonly ok: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface RuntimeStatus {
  readonly runtime: RuntimeCondition;
  readonly network: RuntimeCondition;
  readonly features: RuntimeFeatures;
}

/** What a runtime says that it can do; runtimes that say nothing (containerd before 2.0) can do none of it. */
export interface RuntimeFeatures {
  /** It can leave out the groups that an image gives its user. */
  readonly supplementalGroupsPolicy: boolean;
  /** Names of handlers that give pods user namespaces; "" is the default handler. */
  readonly userNamespaces: readonly string[];
  /** Its default handler makes mounts read-only with everything below them. */
  readonly recursiveReadOnly: boolean;
}

export const NO_FEATURES: RuntimeFeatures = {
  supplementalGroupsPolicy: false,
  userNamespaces: [],
  recursiveReadOnly: false,
};
