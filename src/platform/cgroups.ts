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
import { pageSizeName, podCgroupLimits } from '../api/podCgroup.ts';
import { qosClass } from '../api/qosClass.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { CgroupsPort } from '../ports/volumes.ts';
import { v1Settings, v2Settings } from './cgroupFiles.ts';
import {
  allHierarchies,
  type CgroupScope,
  makePodLevels,
  podPath,
  QOS_CLASSES,
  qosPath,
  weighClasses,
} from './cgroupLevels.ts';
import { childCgroups, killAndRemove, removeIfEmpty } from './cgroupTree.ts';

export interface CgroupsOptions {
  readonly node: Pick<NodeFacts, 'cgroupVersion' | 'cgroupDriver' | 'hugePageSizes' | 'allocatable'>;
  /** Where the kernel shows cgroups. Default /sys/fs/cgroup. */
  readonly cgroupRoot?: string;
  /** Cgroup above "kubepods", made when it is missing and never removed. Default "/". */
  readonly parent?: string;
  /** Most processes in a pod; undefined means no limit. */
  readonly podPidsLimit?: number;
}

export interface Cgroups extends CgroupsPort {
  /** Uids of pods that have a cgroup, those of other runners included. */
  list(): Promise<readonly string[]>;
  /** Removes the upper levels where nothing is left in them. @returns true when all are gone */
  removeTree(): Promise<boolean>;
}

export function createCgroups(options: CgroupsOptions): Cgroups {
  const { node, cgroupRoot = '/sys/fs/cgroup', parent = '/', podPidsLimit } = options;
  const above = parent.split('/').filter((component) => component !== '');
  const scope: CgroupScope = { node, root: cgroupRoot, above };
  const isSystemd = node.cgroupDriver === 'systemd';
  const limitOptions = { pidsMax: podPidsLimit, hugePageSizes: node.hugePageSizes.map(pageSizeName) };
  const settingsOf = node.cgroupVersion === 2 ? v2Settings : v1Settings;
  let weighing: Promise<void> = Promise.resolve();

  /** One after the other: of two that look and write at once, the last to write may have looked first. */
  function weigh(): Promise<void> {
    const turn = weighing.then(() => weighClasses(scope));
    weighing = turn.catch(() => undefined);
    return turn;
  }

  return {
    async ensurePod(pod, signal) {
      const unusable = unusableUid(pod);
      if (unusable !== undefined) return err(unusable);
      const qos = qosClass(pod.spec);
      const path = podPath(scope, pod.uid, qos);
      if (isSystemd) return ok(path);
      return attempt(`Cannot make cgroup ${path}`, cgroupRoot, async () => {
        const settings = settingsOf(podCgroupLimits(pod.spec), limitOptions);
        await makePodLevels(scope, { uid: pod.uid, qos, settings, signal });
        await weigh();
        return path;
      });
    },

    async resizePod(pod, when, signal) {
      const qos = qosClass(pod.spec);
      const path = podPath(scope, pod.uid, qos);
      // cgroup v2 lets children have more than their parent; with v1 the CPU quota of a child must fit.
      if (isSystemd || (when === 'before' && node.cgroupVersion === 2)) return ok(undefined);
      return attempt(`Cannot change cgroup ${path}`, cgroupRoot, async () => {
        const { cpuShares, hugetlbBytes, ...limits } = podCgroupLimits(pod.spec);
        const lifted = { cpuShares, hugetlbBytes, ...(when === 'before' ? {} : limits) };
        await makePodLevels(scope, { uid: pod.uid, qos, settings: settingsOf(lifted, limitOptions), signal });
        await weigh();
      });
    },

    async removePod(podUid, signal) {
      if (!isPathComponent(podUid))
        return err(cgroupFault(`Cannot remove cgroups of pod uid "${podUid}": it is not a name`));
      const paths = QOS_CLASSES.map((qos) => podPath(scope, podUid, qos));
      return attempt(`Cannot remove the cgroups of pod uid "${podUid}"`, cgroupRoot, async () => {
        const hierarchies = await allHierarchies(scope);
        const everywhere = hierarchies.flatMap(({ directory }) => paths.map((path) => join(directory, path)));
        const left = await killAndRemove(everywhere, signal);
        if (left.length > 0) throw new BusyError(`still busy: ${left.join(', ')}`);
        if (isSystemd) await stopSlices(paths.map((path) => basename(path)));
        else await weigh();
      });
    },

    async list() {
      const hierarchies = await allHierarchies(scope);
      const parents = hierarchies.flatMap(({ directory }) =>
        QOS_CLASSES.map((qos) => join(directory, qosPath(scope, qos))),
      );
      const names = (await Promise.all(parents.map(childCgroups))).flat();
      return [...new Set(names.flatMap((name) => podUidOf(name) ?? []))].toSorted();
    },

    async removeTree() {
      const results: boolean[] = [];
      for (const { directory } of await allHierarchies(scope)) {
        for (const qos of QOS_CLASSES) results.push(await removeIfEmpty(join(directory, qosPath(scope, qos))));
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
  const slice = /kubepods-(?:burstable-|besteffort-)?pod(.+)\.slice$/.exec(name)?.[1];
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
