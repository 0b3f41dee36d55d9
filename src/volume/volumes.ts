// Volumes of pods on this machine: everything below <root>/pods. It knows no kinds of volumes (registry.ts does) and
// keeps no state: what is on disk and in the mount table is the state, so a restart finds everything in place.
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Fault } from '../api/fault.ts';
import type { Volume, VolumeMount } from '../api/kubernetes.ts';
import type { NodeFacts } from '../api/node.ts';
import { isPathComponent } from '../api/pathComponent.ts';
import { allContainers } from '../api/podContainers.ts';
import { mountedVolumes } from '../api/podObjects.ts';
import type { Instant } from '../api/time.ts';
import { err, ok } from '../lib/result.ts';
import type { ObjectsPort } from '../ports/objects.ts';
import type { HostsFacts, PreparedVolume, VolumesPort } from '../ports/volumes.ts';
import { createTerminationLog, hostsText, mountsOwnHosts, readHostFile, writeHostsFile } from './containerFiles.ts';
import { ensureDirectory } from './directories.ts';
import { diskUsage } from './diskUsage.ts';
import { readEnvironmentFiles } from './environmentFiles.ts';
import { volumeFault } from './errors.ts';
import { podDirectory, podsDirectory } from './layout.ts';
import { ensureShared, unmountBelow } from './mount.ts';
import { volumeKind, volumeType } from './registry.ts';
import { removeTree } from './removeTree.ts';
import { prepareSubPath } from './subPath.ts';
import { VolumeError } from './volumeType.ts';

/** Entries of a volume that are counted: what is beyond is not worth the work. */
const ENTRIES_MAX = 200_000;

export interface VolumesOptions {
  readonly node: NodeFacts;
  readonly now: () => Instant;
  /** What configMap, secret and projected volumes show. */
  readonly objects: ObjectsPort;
  /** The host's own hosts file, for pods on its network. Default /etc/hosts. */
  readonly hostsFile?: string;
}

export function createVolumes(options: VolumesOptions): VolumesPort {
  const { node, now, objects, hostsFile = '/etc/hosts' } = options;

  /** The mount table knows real paths only. */
  async function podsDir(): Promise<string> {
    await ensureDirectory(podsDirectory(node.rootDir));
    return realpath(podsDirectory(node.rootDir));
  }

  async function podDir(podUid: string): Promise<string> {
    // A uid can come from the label of an object in the runtime.
    if (!isPathComponent(podUid)) throw new VolumeError('the uid is not a name');
    return podDirectory(join(await podsDir(), '..'), podUid);
  }

  async function setUpOne(
    pod: DesiredPod,
    at: { readonly volume: Volume; readonly directory: string; readonly signal: AbortSignal },
  ): Promise<PreparedVolume> {
    const { volume, directory, signal } = at;
    const type = volumeType(volume);
    if (type === undefined) throw new VolumeError(`volumes of type ${volumeKind(volume)} are not supported`);
    const { find, findClaim } = objects;
    const rootDir = join(directory, '../..');
    const context = { pod, volume, podDir: directory, rootDir, node, now, find, findClaim, signal };
    const prepared = await type.setUp(context);
    const isOurs = prepared.hostPath.startsWith(`${directory}/`);
    if (isOurs && propagates(pod, volume.name)) await ensureShared(prepared.hostPath, signal);
    return prepared;
  }

  async function hostsOf(pod: DesiredPod, hosts: HostsFacts): Promise<string | undefined> {
    const hostFile = pod.spec.hostNetwork === true ? await readHostFile(hostsFile) : '';
    return hostsText(pod, { ...hosts, clusterDomain: node.clusterDomain, hostFile });
  }

  return {
    async setUp(pod, signal) {
      const prepared: Record<string, PreparedVolume> = {};
      let doing = `Cannot make the directories of pod "${pod.key}"`;
      try {
        const directory = await podDir(pod.uid);
        for (const path of [directory, join(directory, 'volumes'), join(directory, 'plugins')]) {
          await ensureDirectory(path);
        }
        for (const volume of mountedVolumes(pod)) {
          signal.throwIfAborted();
          doing = failedSetUp(volume);
          prepared[volume.name] = await setUpOne(pod, { volume, directory, signal });
        }
        return ok(prepared);
      } catch (cause) {
        return err(volumeFault(cause, doing));
      }
    },

    async refresh(pod, signal) {
      // One that can't be made does not keep the others from their newest content.
      const faults: Fault[] = [];
      const rewritten: string[] = [];
      for (const volume of mountedVolumes(pod)) {
        if (volumeType(volume)?.refreshes !== true) continue;
        try {
          signal.throwIfAborted();
          const prepared = await setUpOne(pod, { volume, directory: await podDir(pod.uid), signal });
          if (prepared.rewritten === true) rewritten.push(volume.name);
        } catch (cause) {
          faults.push(volumeFault(cause, failedSetUp(volume)));
        }
      }
      const [first] = faults;
      return first === undefined ? ok(rewritten) : err(first);
    },

    async usage(prepared, limits, signal) {
      const usage: Record<string, number> = {};
      try {
        for (const [name, bytesMax] of Object.entries(limits)) {
          const path = prepared[name]?.hostPath;
          if (path === undefined) continue;
          usage[name] = (await diskUsage(path, { bytesMax, entriesMax: ENTRIES_MAX }, signal)).bytes;
        }
        return ok(usage);
      } catch (cause) {
        return err(volumeFault(cause, 'Cannot measure volumes'));
      }
    },

    async containerFiles(pod, container, hosts, signal) {
      try {
        signal.throwIfAborted();
        const directory = await podDir(pod.uid);
        const text = mountsOwnHosts(container) ? undefined : await hostsOf(pod, hosts);
        return ok({
          ...(text === undefined ? {} : { hostsFile: await writeHostsFile(directory, text) }),
          terminationLog: await createTerminationLog(directory, container.name),
        });
      } catch (cause) {
        return err(volumeFault(cause, `Cannot make the files of container "${container.name}"`));
      }
    },

    async environmentFiles(container, prepared, signal) {
      try {
        return ok(await readEnvironmentFiles(container, prepared, signal));
      } catch (cause) {
        const doing = `Cannot read the variables of container "${container.name}"`;
        return err({ ...volumeFault(cause, doing), reason: 'CreateContainerConfigError' });
      }
    },

    async refreshHosts(pod, hosts, signal) {
      try {
        signal.throwIfAborted();
        const text = await hostsOf(pod, hosts);
        if (text !== undefined) await writeHostsFile(await podDir(pod.uid), text);
        return ok(undefined);
      } catch (cause) {
        return err(volumeFault(cause, `Cannot write the hosts file of pod "${pod.key}"`));
      }
    },

    async subPaths(pod, container, wishes, signal) {
      const paths: Record<number, string> = {};
      let doing = `Cannot prepare the mounts of container "${container.name}"`;
      try {
        const directory = await podDir(pod.uid);
        for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
          signal.throwIfAborted();
          doing = `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`;
          const path = await prepareSubPath({ podDir: directory, container, mount, index, ...wishes }, signal);
          if (path !== undefined) paths[index] = path;
        }
        return ok(paths);
      } catch (cause) {
        return err({ ...volumeFault(cause, doing), reason: 'CreateContainerConfigError' });
      }
    },

    async tearDown(podUid, signal) {
      const doing = `Cannot remove the volumes of pod uid "${podUid}"`;
      try {
        const directory = await podDir(podUid);
        const left = await unmountBelow(directory, signal);
        if (left.length > 0) throw new VolumeError(`still mounted: ${left.join(', ')}`);
        await removeTree(directory, signal);
        return ok(undefined);
      } catch (cause) {
        return err(volumeFault(cause, doing));
      }
    },

    async list(signal) {
      signal.throwIfAborted();
      const entries = await readdir(await podsDir(), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    },
  };
}

function failedSetUp(volume: Volume): string {
  return `MountVolume.SetUp failed for volume "${volume.name}"`;
}

/** True when mounts inside the volume are to appear in a container, or those of a container outside it. */
function propagates(pod: DesiredPod, volume: string): boolean {
  const isPropagating = ({ name, mountPropagation = 'None' }: VolumeMount) =>
    name === volume && mountPropagation !== 'None';
  return allContainers(pod.spec).some((container) => (container.volumeMounts ?? []).some(isPropagating));
}
