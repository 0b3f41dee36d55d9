// Cgroups of pods: one per pod below the one of its QoS class, with the pod's own limits, for cgroup v1 and v2. The
// runtime puts containers below. The names are the kubelet's, so a second runner or a kubelet may share the upper
// levels: those are configured only by who makes them, and removed only when they are empty.
// Rule: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ and the kubelet's pod container manager.
// With the systemd driver systemd makes the slices when the runtime asks for them; here they are only named and removed.
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Fault } from '../api/fault.ts';
import type { NodeFacts } from '../api/node.ts';
import { isPathComponent } from '../api/pathComponent.ts';
import {
  cgroupfsPath,
  clampShares,
  cpuShares,
  cpuWeight,
  pageSizeName,
  podCgroupComponents,
  podCgroupLimits,
  qosCgroupComponents,
  systemdPath,
} from '../api/podCgroup.ts';
import { type QosClass, qosClass } from '../api/qosClass.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { CgroupsPort } from '../ports/volumes.ts';
import { type Setting, V1_CONTROLLERS, v1Settings, v2Settings, weightToShares } from './cgroupFiles.ts';
import {
  childCgroups,
  enableControllers,
  type Hierarchy,
  inheritCpuset,
  killAndRemove,
  makeCgroup,
  readNumber,
  removeIfEmpty,
  v1Hierarchies,
  writeSettings,
} from './cgroupTree.ts';

export interface CgroupsOptions {
  readonly node: Pick<NodeFacts, 'cgroupVersion' | 'cgroupDriver' | 'hugePageSizes' | 'allocatable'>;
  /** Where the kernel shows cgroups. Default /sys/fs/cgroup. */
  readonly cgroupRoot?: string;
  /** Most processes in a pod; undefined means no limit. */
  readonly podPidsLimit?: number;
}

export interface Cgroups extends CgroupsPort {
  /** Uids of pods that have a cgroup, those of other runners included. */
  list(): Promise<readonly string[]>;
  /** Removes the upper levels where nothing is left in them. @returns true when all are gone */
  removeTree(): Promise<boolean>;
}

const QOS_CLASSES: readonly QosClass[] = ['Burstable', 'BestEffort', 'Guaranteed'];

export function createCgroups(options: CgroupsOptions): Cgroups {
  const { node, cgroupRoot = '/sys/fs/cgroup', podPidsLimit } = options;
  const isV2 = node.cgroupVersion === 2;
  const isSystemd = node.cgroupDriver === 'systemd';
  const limitOptions = { pidsMax: podPidsLimit, hugePageSizes: node.hugePageSizes.map(pageSizeName) };
  const settingsOf = isV2 ? v2Settings : v1Settings;
  const pathOf = isSystemd ? systemdPath : cgroupfsPath;

  /** Every hierarchy in which something of a pod can be. */
  function allHierarchies(): Promise<readonly Hierarchy[]> {
    return isV2 ? Promise.resolve([{ directory: cgroupRoot, controllers: [] }]) : v1Hierarchies(cgroupRoot);
  }

  /** Those in which pods get their cgroup; the runtime adds others that it wants. */
  async function podHierarchies(): Promise<readonly Hierarchy[]> {
    const known: readonly string[] = V1_CONTROLLERS;
    const all = await allHierarchies();
    return isV2 ? all : all.filter(({ controllers }) => controllers.some((name) => known.includes(name)));
  }

  async function makeLevels(hierarchy: Hierarchy, components: readonly string[]): Promise<string> {
    let path = hierarchy.directory;
    if (isV2) await enableControllers(path);
    for (const [index, component] of components.entries()) {
      path = join(path, component);
      const isNew = await makeCgroup(path);
      if (hierarchy.controllers.includes('cpuset')) await inheritCpuset(path);
      if (isV2) await enableControllers(path);
      if (isNew && index === 0) await writeSettings(path, applicable(hierarchy, rootSettings()));
    }
    return path;
  }

  /** All pods together may have what the node can give. */
  function rootSettings(): readonly Setting[] {
    const { milliCpu, memoryBytes } = node.allocatable;
    const shares = cpuShares(milliCpu);
    const cpu = isV2
      ? { controller: 'cpu', file: 'cpu.weight', value: String(cpuWeight(shares)) }
      : { controller: 'cpu', file: 'cpu.shares', value: String(shares) };
    const memory = {
      controller: 'memory',
      file: isV2 ? 'memory.max' : 'memory.limit_in_bytes',
      value: String(memoryBytes),
    };
    return [cpu, memory];
  }

  /** In cgroup v1 each hierarchy has the files of its own controllers. */
  function applicable(hierarchy: Hierarchy, settings: readonly Setting[]): readonly Setting[] {
    return isV2 ? settings : settings.filter(({ controller }) => hierarchy.controllers.includes(controller));
  }

  /** Best-effort pods together weigh least; burstable ones as much as they all ask for, whoever runs them. */
  async function weighClasses(): Promise<void> {
    const cpu = (await podHierarchies()).find(({ controllers }) => isV2 || controllers.includes('cpu'));
    if (cpu === undefined) return;
    const file = isV2 ? 'cpu.weight' : 'cpu.shares';
    const write = (qos: QosClass, shares: number) => {
      const value = String(isV2 ? cpuWeight(shares) : shares);
      return writeSettings(join(cpu.directory, cgroupfsPath(qosCgroupComponents(qos))), [
        { controller: 'cpu', file, value },
      ]);
    };
    const burstable = join(cpu.directory, cgroupfsPath(qosCgroupComponents('Burstable')));
    const values = await Promise.all(
      (await childCgroups(burstable)).map((name) => readNumber(join(burstable, name, file))),
    );
    const shares = values.map((value) => (value === undefined ? 0 : isV2 ? weightToShares(value) : value));
    await write('Burstable', clampShares(shares.reduce((sum, share) => sum + share, 0)));
    await write('BestEffort', clampShares(0));
  }

  async function podPaths(podUid: string): Promise<readonly string[]> {
    const relative = QOS_CLASSES.map((qos) => pathOf(podCgroupComponents(podUid, qos)));
    return (await allHierarchies()).flatMap(({ directory }) => relative.map((path) => join(directory, path)));
  }

  return {
    async ensurePod(pod, signal) {
      const unusable = unusableUid(pod);
      if (unusable !== undefined) return err(unusable);
      const qos = qosClass(pod.spec);
      const components = podCgroupComponents(pod.uid, qos);
      if (isSystemd) return ok(systemdPath(components));
      return attempt(`Cannot make cgroup ${cgroupfsPath(components)}`, cgroupRoot, async () => {
        for (const hierarchy of await podHierarchies()) {
          signal.throwIfAborted();
          const path = await makeLevels(hierarchy, components);
          await writeSettings(path, applicable(hierarchy, settingsOf(podCgroupLimits(pod.spec), limitOptions)));
        }
        await weighClasses();
        return cgroupfsPath(components);
      });
    },

    async removePod(podUid, signal) {
      if (!isPathComponent(podUid))
        return err(cgroupFault(`Cannot remove cgroups of pod uid "${podUid}": it is not a name`));
      return attempt(`Cannot remove the cgroups of pod uid "${podUid}"`, cgroupRoot, async () => {
        const left = await killAndRemove(await podPaths(podUid), signal);
        if (left.length > 0) throw new BusyError(`still busy: ${left.join(', ')}`);
        if (isSystemd)
          await stopSlices(QOS_CLASSES.map((qos) => basename(systemdPath(podCgroupComponents(podUid, qos)))));
        else await weighClasses();
      });
    },

    async list() {
      const parents = (await allHierarchies()).flatMap(({ directory }) =>
        QOS_CLASSES.map((qos) => join(directory, pathOf(qosCgroupComponents(qos)))),
      );
      const names = (await Promise.all(parents.map(childCgroups))).flat();
      return [...new Set(names.flatMap((name) => podUidOf(name) ?? []))].toSorted();
    },

    async removeTree() {
      const results: boolean[] = [];
      for (const { directory } of await allHierarchies()) {
        for (const qos of QOS_CLASSES)
          results.push(await removeIfEmpty(join(directory, pathOf(qosCgroupComponents(qos)))));
      }
      return results.every((gone) => gone);
    },
  };
}

/** A cgroup that does not go away although its processes were killed. */
class BusyError extends Error {
  override readonly name = 'BusyError';
}

function podUidOf(name: string): string | undefined {
  const slice = /^kubepods-(?:burstable-|besteffort-)?pod(.+)\.slice$/.exec(name)?.[1];
  return slice === undefined ? /^pod(.+)$/.exec(name)?.[1] : slice.replaceAll('_', '-');
}

function unusableUid(pod: DesiredPod): Fault | undefined {
  // "_" would be read back as "-" from a slice name.
  if (isPathComponent(`pod${pod.uid}`) && !pod.uid.includes('_')) return undefined;
  return cgroupFault(`Cannot make a cgroup for pod uid "${pod.uid}": it must not contain "/" or "_"`);
}

async function attempt<T>(doing: string, root: string, work: () => Promise<T>): Promise<Result<T, Fault>> {
  try {
    return ok(await work());
  } catch (cause) {
    return err(toFault(cause, { doing, root }));
  }
}

/** @throws the cause itself when it is a bug */
function toFault(cause: unknown, at: { readonly doing: string; readonly root: string }): Fault {
  if (!(cause instanceof Error)) throw cause;
  if (cause.name === 'AbortError') return { ...cgroupFault(`${at.doing}: given up`), kind: 'cancelled' };
  if (cause instanceof BusyError) return cgroupFault(`${at.doing}: ${cause.message}`);
  if (!('syscall' in cause && 'code' in cause && typeof cause.code === 'string')) throw cause;
  return cgroupFault(`${at.doing}: ${explain(cause.code, at.root)} (${cause.message})`);
}

function explain(code: string, root: string): string {
  switch (code) {
    case 'EROFS':
      return `${root} is read-only; run on the host, or in a privileged container with the host's cgroups writable`;
    case 'EACCES':
    case 'EPERM':
      return `no permission to change cgroups below ${root}; run as root`;
    case 'ENOENT':
      return `there are no cgroups at ${root}`;
    case 'EBUSY':
      return 'a cgroup that is to have children still has processes of its own';
    default:
      return 'the kernel refused';
  }
}

function cgroupFault(message: string): Fault {
  return { kind: 'refused', reason: 'FailedCreatePodContainer', message };
}

/** Slices without a unit file stay active until they are stopped; where there is no systemd there is nothing to stop. */
function stopSlices(names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile('systemctl', ['stop', '--', ...names], { timeout: 10_000 }, () => resolve());
  });
}
