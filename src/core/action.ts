// Everything that the planner can ask for. An action's preconditions hold when it is planned; sequence is never
// inside an action, it emerges because the next plan is made from what this one's outcome taught.
import type { ConfigSignal } from '../api/configChange.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { LifecycleHandler } from '../api/kubernetes.ts';
import type { Neighbour } from '../api/neighbour.ts';
import type { LocalImage, ObservedSandbox } from '../api/observed.ts';
import type { ProbeType } from '../api/probeVerdict.ts';
import type { MonoMs } from '../api/time.ts';
import { imageKey, type WantedImage } from '../api/wantedImages.ts';

export type ActionKind = Action['kind'];

export type Action = PodAction & { readonly podUid: string; readonly because: string };

type PodAction =
  /** Directories, volumes and cgroup of the pod. */
  | {
      readonly kind: 'setUpPod';
      readonly pod: DesiredPod;
      readonly contents: string;
      /** Of a pod that ran before this start: nobody knows what its hosts file shows. */
      readonly hosts?: Hosts;
    }
  /** Brings files that show other objects, or the pod itself, to the version `contents` or a newer one. */
  | { readonly kind: 'refreshVolumes'; readonly pod: DesiredPod; readonly contents: string }
  /** Gives the pod's cgroup and running containers the resources that the manifest asks for. */
  | {
      readonly kind: 'resizePod';
      readonly pod: DesiredPod;
      readonly containers: readonly { readonly id: string; readonly name: string }[];
    }
  /** Writes the hosts file of a running pod anew. */
  | { readonly kind: 'refreshHosts'; readonly pod: DesiredPod; readonly hosts: Hosts }
  /** Counts what volumes take on disk, each up to its limit. */
  | { readonly kind: 'measureVolumes'; readonly pod: DesiredPod; readonly limits: VolumeLimits }
  /** Sends a signal to the first process of a running container. */
  | {
      readonly kind: 'signalContainer';
      readonly container: string;
      readonly containerId: string;
      readonly signal: ConfigSignal;
    }
  | {
      readonly kind: 'createSandbox';
      readonly pod: DesiredPod;
      readonly attempt: number;
      /** Where it is not the runtime's default. */
      readonly runtimeHandler?: string;
      /** Of a pod that restarts when what it uses changes. */
      readonly configVersion?: string;
    }
  /** Looks whether an image that the container needs is on this machine. */
  | ({ readonly kind: 'inspectImage'; readonly pod: DesiredPod; readonly container: string } & WantedImage)
  | ({ readonly kind: 'pullImage'; readonly pod: DesiredPod; readonly container: string } & WantedImage)
  /** Creates and starts one new instance of a container. */
  | {
      readonly kind: 'startContainer';
      readonly pod: DesiredPod;
      readonly container: string;
      readonly attempt: number;
      readonly sandbox: ObservedSandbox;
      readonly image: LocalImage;
      /** Of the image volumes that it mounts, by name. */
      readonly volumeImages: { readonly [volume: string]: LocalImage };
      /** Other pods that it can call by name. */
      readonly neighbours: readonly Neighbour[];
    }
  /** Starts an instance that was created and never started, as after a crash of the runner in between. */
  | {
      readonly kind: 'startCreated';
      readonly pod: DesiredPod;
      readonly container: string;
      readonly containerId: string;
    }
  /** Asks a running container how it is. */
  | {
      readonly kind: 'probe';
      readonly pod: DesiredPod;
      readonly container: string;
      readonly containerId: string;
      readonly type: ProbeType;
      readonly podIP?: string;
      readonly askedAt: MonoMs;
    }
  /** Runs a lifecycle handler; a preStop gets `timeoutMs` of the grace period. */
  | {
      readonly kind: 'postStart' | 'preStop';
      readonly pod: DesiredPod;
      readonly container: string;
      readonly containerId: string;
      readonly handler: LifecycleHandler;
      readonly podIP?: string;
      readonly timeoutMs?: number;
    }
  | {
      readonly kind: 'stopContainer';
      readonly container: string;
      readonly containerId: string;
      readonly graceSeconds: number;
    }
  /** Takes the sandbox's network and processes down. */
  | { readonly kind: 'stopSandbox'; readonly sandboxId: string }
  | { readonly kind: 'removeContainer'; readonly containerId: string; readonly logPath: string; readonly logs: LogFate }
  | { readonly kind: 'removeSandbox'; readonly sandboxId: string }
  /** Unmounts and removes the pod's volumes, directories and cgroup. */
  | { readonly kind: 'tearDownPod' }
  /** Removes the pod's log directory and links. */
  | { readonly kind: 'removeLogs'; readonly namespace: string; readonly name: string };

/** Bytes by the name of the volume. */
export interface VolumeLimits {
  readonly [volume: string]: number;
}

/** What a hosts file shows besides what the pod asks for. */
export interface Hosts {
  /** The pod's own addresses; empty on the host's network. */
  readonly podIPs: readonly string[];
  readonly neighbours: readonly Neighbour[];
}

export type PullAction = Extract<Action, { kind: 'pullImage' }>;

/**
 * Logs stay for as long as the manifest does, unless a newer instance's logs have taken their place: `keep` keeps those
 * of this instance and removes older ones.
 */
export type LogFate = 'keep' | 'remove';

/** Two actions with one id are the same effect: the second is not dispatched while the first is in flight. */
export function actionId(action: Action): string {
  switch (action.kind) {
    case 'setUpPod':
    case 'refreshVolumes':
    case 'refreshHosts':
    case 'measureVolumes':
    case 'resizePod':
    case 'createSandbox':
    case 'tearDownPod':
    case 'removeLogs':
      return `${action.kind}/${action.podUid}`;
    case 'inspectImage':
    case 'pullImage':
      return `${action.kind}/${action.podUid}/${imageKey(action)}`;
    case 'startContainer':
    case 'startCreated':
      return `${action.kind}/${action.podUid}/${action.container}`;
    case 'stopContainer':
      // A stop with less time is another effect: it overtakes the one in flight.
      return `${action.kind}/${action.containerId}/${action.graceSeconds}`;
    case 'removeContainer':
    case 'signalContainer':
    case 'postStart':
    case 'preStop':
      return `${action.kind}/${action.containerId}`;
    case 'probe':
      return `probe/${action.containerId}/${action.type}`;
    case 'stopSandbox':
    case 'removeSandbox':
      return `${action.kind}/${action.sandboxId}`;
  }
}
