// emptyDir: a directory of the pod on disk, in memory or in huge pages. It lives as long as the pod: neither a restart
// of a container nor of this program touches what is in it.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
import { stat } from 'node:fs/promises';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { EmptyDirVolumeSource } from '../api/kubernetes.ts';
import type { NodeFacts } from '../api/node.ts';
import { podCgroupLimits } from '../api/podCgroup.ts';
import { containerResources } from '../api/qosClass.ts';
import { quantityUnits } from '../api/quantity.ts';
import type { PreparedVolume } from '../ports/volumes.ts';
import { clearReady, ensureDirectory, isReady, markReady } from './directories.ts';
import { type PluginName, readyMarker, volumeDirectory } from './layout.ts';
import { mountFilesystem } from './mount.ts';
import { mountAt, readMountTable } from './mountTable.ts';
import { setDirectoryOwnership } from './ownership.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

const PLUGIN: PluginName = 'kubernetes.io~empty-dir';
const MODE = 0o777;
/** What a tmpfs has at its root unless told otherwise; the reference leaves it. */
const TMPFS_MODE = 0o1777;

export const emptyDirVolume: VolumeType = { setUp, refreshes: false };

/** A filesystem to mount over the volume's directory. */
export interface Backing {
  readonly fsType: 'tmpfs' | 'hugetlbfs';
  readonly source: string;
  readonly options: readonly string[];
}

async function setUp(context: VolumeContext): Promise<PreparedVolume> {
  const { pod, volume, podDir } = context;
  const path = volumeDirectory(podDir, PLUGIN, volume.name);
  const marker = readyMarker(podDir, PLUGIN, volume.name);
  const backing = backingOf(pod, volume.emptyDir ?? {}, context.node);
  const inPlace = backing === undefined ? await isDirectory(path) : await isMounted(path, backing);
  if (inPlace && (await isReady(marker))) return { hostPath: path, readOnly: false };

  await clearReady(marker);
  await ensureDirectory(path);
  if (backing !== undefined && !inPlace) await mountFilesystem({ ...backing, target: path }, context.signal);
  const group = pod.spec.securityContext?.fsGroup;
  await setDirectoryOwnership(path, {
    mode: backing?.fsType === 'tmpfs' ? TMPFS_MODE : MODE,
    group,
    access: 'readWrite',
  });
  await markReady(marker);
  return { hostPath: path, readOnly: false };
}

/** @returns undefined for a plain directory on disk */
export function backingOf(pod: DesiredPod, source: EmptyDirVolumeSource, node: NodeFacts): Backing | undefined {
  const medium = source.medium ?? '';
  if (medium === '') return undefined;
  if (medium === 'Memory') {
    return memoryBacking(smallest([quantityUnits(source.sizeLimit), ...memoryBounds(pod, node)]), node);
  }
  const pageSize = medium === 'HugePages' ? onlyPageSize(pod) : medium.replace(/^HugePages-/, '');
  if (pageSize === medium) throw new VolumeError(`emptyDir medium "${medium}" is not supported`);
  // The kernel reads "2M", not "2Mi"; both mean 2^21.
  return { fsType: 'hugetlbfs', source: 'nodev', options: [`pagesize=${pageSize.replace(/i$/, '')}`] };
}

/** A tmpfs for payload of the pod: as large as the pod may use memory. */
export function payloadBacking(pod: DesiredPod, node: NodeFacts): Backing {
  return memoryBacking(smallest(memoryBounds(pod, node)), node);
}

/** Kept off swap devices where the kernel can do that: it may hold secrets. */
function memoryBacking(sizeBytes: number, { swap }: NodeFacts): Backing {
  const options = [...(sizeBytes > 0 ? [`size=${sizeBytes}`] : []), ...(swap === 'avoidable' ? ['noswap'] : [])];
  return { fsType: 'tmpfs', source: 'tmpfs', options };
}

function memoryBounds(pod: DesiredPod, node: NodeFacts): readonly number[] {
  return [node.allocatable.memoryBytes, podCgroupLimits(pod.spec).memoryBytes ?? 0];
}

/** The smallest of the positive sizes; 0 when there is none. */
function smallest(sizes: readonly number[]): number {
  const positive = sizes.filter((size) => size > 0);
  return positive.length === 0 ? 0 : Math.min(...positive);
}

function onlyPageSize(pod: DesiredPod): string {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const names = containers.flatMap((container) => Object.keys(containerResources(container).requests));
  const sizes = new Set(
    names.flatMap((name) => (name.startsWith('hugepages-') ? [name.slice('hugepages-'.length)] : [])),
  );
  const [size, ...others] = sizes;
  if (size === undefined || others.length > 0) {
    throw new VolumeError(
      `emptyDir medium "HugePages" needs containers that ask for one size of huge pages, got ${sizes.size} sizes`,
    );
  }
  return size;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Also after a reboot, when directory and marker are there and the filesystem is not. */
export async function isMounted(path: string, backing: Backing): Promise<boolean> {
  return mountAt(await readMountTable(), path)?.fsType === backing.fsType;
}
