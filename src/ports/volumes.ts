// What the executor needs on disk for a pod: directories, volumes, managed files, cgroups. Implemented by volume/ and platform/.
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import type { Environment, EnvironmentFiles } from '../api/environment.ts';
import type { Fault } from '../api/fault.ts';
import type { Neighbour } from '../api/neighbour.ts';
import type { Result } from '../lib/result.ts';

/** Where one volume of a pod is on this machine. */
export interface PreparedVolume {
  /** "" for an image, which only the runtime can mount. */
  readonly hostPath: string;
  /** True where the volume itself may not be written, whatever the mount says (downwardAPI, configMap, …). */
  readonly readOnly: boolean;
  /** Present where files that containers may have read were replaced just now. */
  readonly rewritten?: true;
}

/** By volume name; only volumes that some container mounts. */
export interface PreparedVolumes {
  readonly [name: string]: PreparedVolume;
}

/** Host paths of mounts that show a part of their volume, by position in the container's volumeMounts. */
export interface PreparedSubPaths {
  readonly [mountIndex: number]: string;
}

export interface SubPathWishes {
  readonly volumes: PreparedVolumes;
  /** The container's variables, for subPathExpr. */
  readonly environment: Environment;
}

/** Files that one container instance gets besides its volumes. */
export interface ContainerFiles {
  /** Host path of the managed /etc/hosts; undefined when the container mounts its own. */
  readonly hostsFile?: string;
  /** Host path of the file behind terminationMessagePath. */
  readonly terminationLog: string;
}

/** What a hosts file shows besides what the pod asks for. */
export interface HostsFacts {
  /** The pod's own addresses; empty on the host's network. */
  readonly podIPs: readonly string[];
  readonly neighbours: readonly Neighbour[];
}

export interface VolumesPort {
  /** Makes the pod's directories and every mounted volume; idempotent. Fault reason: FailedMount. */
  setUp(pod: DesiredPod, signal: AbortSignal): Promise<Result<PreparedVolumes, Fault>>;
  /**
   * Brings the files of volumes that show other objects, or the pod itself, up to date. Fault reason: FailedMount.
   *
   * @returns names of the volumes whose files were replaced
   */
  refresh(pod: DesiredPod, signal: AbortSignal): Promise<Result<readonly string[], Fault>>;
  /** What the named volumes take on disk, in bytes; each is counted until it is above its limit. */
  usage(
    volumes: PreparedVolumes,
    limits: { readonly [volume: string]: number },
    signal: AbortSignal,
  ): Promise<Result<{ readonly [volume: string]: number }, Fault>>;
  /** Makes the files for one container start. */
  containerFiles(
    pod: DesiredPod,
    container: DesiredContainer,
    hosts: HostsFacts,
    signal: AbortSignal,
  ): Promise<Result<ContainerFiles, Fault>>;
  /** Reads the files that a container's variables come from, as they are at this start. */
  environmentFiles(
    container: DesiredContainer,
    volumes: PreparedVolumes,
    signal: AbortSignal,
  ): Promise<Result<EnvironmentFiles, Fault>>;
  /** Writes the managed /etc/hosts of a running pod anew, in place. Fault reason: FailedMount. */
  refreshHosts(pod: DesiredPod, hosts: HostsFacts, signal: AbortSignal): Promise<Result<void, Fault>>;
  /**
   * Finds or makes the parts of volumes that one container start mounts. Idempotent. Fault reason:
   * CreateContainerConfigError.
   */
  subPaths(
    pod: DesiredPod,
    container: DesiredContainer,
    wishes: SubPathWishes,
    signal: AbortSignal,
  ): Promise<Result<PreparedSubPaths, Fault>>;
  /** Unmounts and removes everything of the pod below the root directory; idempotent, also after a crash. */
  tearDown(podUid: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Pod uids that have a directory below the root directory. */
  list(signal: AbortSignal): Promise<readonly string[]>;
}

export interface CgroupsPort {
  /** The pod's cgroup parent as the runtime must be told, after making it with its limits. Fault reason: FailedCreatePodContainer. */
  ensurePod(pod: DesiredPod, signal: AbortSignal): Promise<Result<string, Fault>>;
  /**
   * Changes the limits of the pod's cgroup. "before" its containers change, limits are only lifted where the kernel ties
   * those of the containers to them; "after" the new ones are written.
   */
  resizePod(pod: DesiredPod, when: 'before' | 'after', signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Kills what is left in it and removes it; idempotent. */
  removePod(podUid: string, signal: AbortSignal): Promise<Result<void, Fault>>;
}

export interface LogsPort {
  /** Makes the pod's log directory and the container's below it. */
  prepare(pod: DesiredPod, containerName: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** Links /var/log/containers/<pod>_<ns>_<container>-<id>.log to the container's log file. */
  link(pod: DesiredPod, containerName: string, containerId: string, logPath: string): Promise<void>;
  /** Removes log files and link of one container instance. */
  removeContainer(logPath: string, containerId: string): Promise<void>;
  /** Removes what is left of instances of the same container before the one with this log file. */
  removeOlder(logPath: string): Promise<void>;
  /** Removes the pod's log directory and its links. */
  removePod(identity: { readonly namespace: string; readonly name: string; readonly uid: string }): Promise<void>;
  /** Highest restart number found in the container's log directory, undefined when there is none. */
  lastAttempt(pod: DesiredPod, containerName: string): Promise<number | undefined>;
}
