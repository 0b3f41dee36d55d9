// What the executor needs of a container runtime, named by need. Implemented by cri/.
// Every call has a deadline of its own; a deadline or a broken connection is a Fault of kind "unknownOutcome".
import type { ConfigSignal } from '../api/configChange.ts';
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import type { Environment } from '../api/environment.ts';
import type { Fault } from '../api/fault.ts';
import type { IdRange } from '../api/idRange.ts';
import type {
  LocalImage,
  Observation,
  ObservedContainer,
  ObservedSandbox,
  RuntimeStatus,
  RuntimeVersion,
} from '../api/observed.ts';
import type { PullProgress } from '../api/pullProgress.ts';
import type { Result } from '../lib/result.ts';
import type { RegistryCredential } from './credentials.ts';
import type { ContainerFiles, PreparedSubPaths, PreparedVolumes } from './volumes.ts';

export interface SandboxRequest {
  readonly pod: DesiredPod;
  readonly attempt: number;
  /** Absolute cgroup path of the pod in cgroupfs form; "" lets the runtime choose. */
  readonly cgroupParent: string;
  /** Absent: the runtime's default. */
  readonly runtimeHandler?: string;
  /** Users of a pod that has its own. */
  readonly idRange?: IdRange;
  /** Of a pod that restarts when what it uses changes: found again in the sandbox's annotations. */
  readonly configVersion?: string;
}

export interface ContainerRequest {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly sandbox: ObservedSandbox;
  /** Restart count of the new instance. */
  readonly attempt: number;
  readonly image: LocalImage;
  /** Of the image volumes that it mounts, by name. */
  readonly volumeImages: { readonly [volume: string]: LocalImage };
  readonly cgroupParent: string;
  readonly environment: Environment;
  readonly volumes: PreparedVolumes;
  readonly subPaths: PreparedSubPaths;
  readonly files: ContainerFiles;
  /** Users of a pod that has its own. */
  readonly idRange?: IdRange;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export interface RuntimePort {
  version(signal: AbortSignal): Promise<Result<RuntimeVersion, Fault>>;
  status(signal: AbortSignal): Promise<Result<RuntimeStatus, Fault>>;
  /** Everything that this runner made (all pods, or the one with `podUid`), objects of others left out. */
  observe(options: { readonly podUid?: string }, signal: AbortSignal): Promise<Result<Observation, Fault>>;
  /** Runs a sandbox and looks at it; adopts a READY one of the same attempt when the call's outcome was unknown. */
  runSandbox(request: SandboxRequest, signal: AbortSignal): Promise<Result<ObservedSandbox, Fault>>;
  /** Idempotent; a missing sandbox counts as stopped. */
  stopSandbox(id: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Idempotent; removes its containers too. */
  removeSandbox(id: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Creates a container without starting it. Fault reasons: CreateContainerConfigError, CreateContainerError. */
  createContainer(request: ContainerRequest, signal: AbortSignal): Promise<Result<string, Fault>>;
  /** Fault reason: RunContainerError. */
  startContainer(id: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Gives a running container the CPU and memory that its pod has for it. Fault reason: ResizeError. */
  resizeContainer(
    id: string,
    wanted: { readonly pod: DesiredPod; readonly container: DesiredContainer },
    signal: AbortSignal,
  ): Promise<Result<void, Fault>>;
  /** Sends the stop signal, waits `graceSeconds`, kills. Idempotent; a missing container counts as stopped. */
  stopContainer(id: string, graceSeconds: number, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Sends a signal to the first process of a running container. Fault reason: FailedSignal. */
  signalContainer(id: string, name: ConfigSignal, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Idempotent. */
  removeContainer(id: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Lets a running container go on in a new log file, after the old one was moved. */
  reopenLog(id: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** The container as it is now; kind "notFound" when it is gone. */
  inspectContainer(id: string, signal: AbortSignal): Promise<Result<ObservedContainer, Fault>>;
  execSync(
    id: string,
    command: readonly string[],
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<Result<ExecResult, Fault>>;
  /**
   * Calls `changed` with the pod's uid (or undefined: look at everything) when the runtime reports a change, until
   * the signal aborts; reconnects by itself. Returns false at once where the runtime has no event stream.
   */
  watch(changed: (podUid: string | undefined) => void, signal: AbortSignal): Promise<boolean>;
}

export interface ImagesPort {
  /** The image as present on this machine; undefined when absent. Fault reason: ImageInspectError. */
  inspect(image: string, signal: AbortSignal): Promise<Result<LocalImage | undefined, Fault>>;
  /** Tries the credentials in turn. Fault reasons: ErrImagePull, RegistryUnavailable, SignatureValidationFailed. */
  pull(request: PullRequest, signal: AbortSignal): Promise<Result<PulledImage, Fault>>;
}

export interface PullRequest {
  readonly image: string;
  readonly pod: DesiredPod;
  /** None: the registry is asked without. */
  readonly credentials: readonly RegistryCredential[];
  /** Told now and then how far it is, where the runtime can tell. */
  readonly progress?: (progress: PullProgress) => void;
}

export interface PulledImage {
  readonly image: LocalImage;
  /** What the runtime lists it by. */
  readonly id: string;
  /** The one that was accepted; undefined where none was sent. */
  readonly credential?: RegistryCredential;
}
