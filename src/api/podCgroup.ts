// Limits and place of a pod's cgroup, as values. Pure; shared by who makes the cgroup and who tells the runtime.
// Rule: the kubelet's pod container manager (QoS levels below "kubepods") and the units of the kernel's cgroup files.
import type { PodSpec } from './kubernetes.ts';
import {
  isLimited,
  type PodResources,
  podResources,
  type QosClass,
  qosClass,
  resourcesWithoutOverhead,
} from './qosClass.ts';
import { quantityUnits } from './quantity.ts';

/** The kernel's default period, microseconds. */
export const CPU_PERIOD_US = 100_000;
const SHARES_PER_CPU = 1024;
const SHARES_MIN = 2;
const SHARES_MAX = 262_144;
const QUOTA_MIN_US = 1000;

/** Limits of a cgroup in cgroup v1 terms; an absent one means no limit. */
export interface CgroupLimits {
  readonly cpuShares: number;
  /** Microseconds per CPU_PERIOD_US. */
  readonly cpuQuotaUs?: number;
  readonly memoryBytes?: number;
  /** By page size as the kernel's file names spell it ("2MB"). */
  readonly hugetlbBytes: { readonly [pageSize: string]: number };
}

/** Limits of the pod's own cgroup, overhead included. */
export function podCgroupLimits(spec: PodSpec): CgroupLimits {
  return limitsOf(spec, podResources(spec));
}

/** The same without spec.overhead: what the runtime is told as the sandbox's resources. */
export function podCgroupLimitsWithoutOverhead(spec: PodSpec): CgroupLimits {
  return limitsOf(spec, resourcesWithoutOverhead(spec));
}

/** Path components from the cgroup root to the pod: kubepods, the class unless Guaranteed, and the pod. */
export function podCgroupComponents(podUid: string, qos: QosClass): readonly string[] {
  return [...qosCgroupComponents(qos), `pod${podUid}`];
}

export function qosCgroupComponents(qos: QosClass): readonly string[] {
  switch (qos) {
    case 'Guaranteed':
      return ['kubepods'];
    case 'Burstable':
      return ['kubepods', 'burstable'];
    case 'BestEffort':
      return ['kubepods', 'besteffort'];
  }
}

/** Path as the cgroupfs driver has it: "/kubepods/burstable/pod<uid>". */
export function cgroupfsPath(components: readonly string[]): string {
  return `/${components.join('/')}`;
}

/** Path as systemd nests slices: "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice". */
export function systemdPath(components: readonly string[]): string {
  const names = components.map((component) => component.replaceAll('-', '_'));
  const slices = names.map((_, index) => `${names.slice(0, index + 1).join('-')}.slice`);
  return `/${slices.join('/')}`;
}

/** CPU weight of cgroup v1 for a request; the kernel's bounds apply. */
export function cpuShares(milliCpu: number): number {
  if (milliCpu <= 0) return SHARES_MIN;
  return clampShares(Math.floor((milliCpu * SHARES_PER_CPU) / 1000));
}

/** CPU time per period for a limit; undefined without one. */
export function cpuQuotaUs(milliCpu: number | undefined): number | undefined {
  if (milliCpu === undefined || milliCpu <= 0) return undefined;
  return Math.max(QUOTA_MIN_US, Math.floor((milliCpu * CPU_PERIOD_US) / 1000));
}

/** cgroup v2 weight (1 to 10000) for cgroup v1 shares (2 to 262144). */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((clampShares(shares) - SHARES_MIN) * 9999) / (SHARES_MAX - SHARES_MIN));
}

/** Sum of shares within the kernel's bounds, for the parent of several pods. */
export function clampShares(shares: number): number {
  return Math.min(SHARES_MAX, Math.max(SHARES_MIN, shares));
}

/** A page size in bytes as the kernel's cgroup files and the runtime spell it: "64KB", "2MB", "1GB". */
export function pageSizeName(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size}${units[unit]}`;
}

function limitsOf(spec: PodSpec, resources: PodResources): CgroupLimits {
  const hugetlbBytes = hugetlb(resources);
  if (qosClass(spec) === 'BestEffort') return { cpuShares: SHARES_MIN, hugetlbBytes };
  const quota = isLimited(spec, 'cpu') ? cpuQuotaUs(resources.limits['cpu']) : undefined;
  const memoryBytes = isLimited(spec, 'memory') ? resources.limits['memory'] : undefined;
  return {
    cpuShares: cpuShares(resources.requests['cpu'] ?? 0),
    ...(quota === undefined ? {} : { cpuQuotaUs: quota }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    hugetlbBytes,
  };
}

function hugetlb(resources: PodResources): { readonly [pageSize: string]: number } {
  const entries = Object.entries(resources.requests).filter(([name]) => name.startsWith('hugepages-'));
  return Object.fromEntries(entries.map(([name, bytes]) => [pageSizeName(pageBytes(name)), bytes]));
}

function pageBytes(resource: string): number {
  return quantityUnits(resource.slice('hugepages-'.length));
}
