// What is written where for a cgroup's limits, in the kernel's two interfaces. Pure.
// Rule: the kernel's cgroup-v1 and cgroup-v2 documents. Absent limits are written too, so that a limit can be taken back.
import { type CgroupLimits, CPU_PERIOD_US, cpuWeight } from '../api/podCgroup.ts';

export interface Setting {
  /** Controller whose hierarchy has the file (cgroup v1), or whose presence makes it exist (v2). */
  readonly controller: string;
  readonly file: string;
  readonly value: string;
}

/** The hierarchies of cgroup v1 in which pods get a directory, where they are mounted. */
export const V1_CONTROLLERS = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'pids',
  'hugetlb',
  'devices',
  'freezer',
  'blkio',
  'net_cls',
  'net_prio',
  'perf_event',
  'rdma',
  'misc',
] as const;

/** Controllers that a pod's cgroup needs for its own limits and those of its containers (v2). */
export const V2_CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids', 'hugetlb', 'io', 'rdma', 'misc'] as const;

export interface LimitOptions {
  readonly pidsMax: number | undefined;
  /** Page sizes as the kernel's files spell them; each gets its limit, 0 where the pod asked for none. */
  readonly hugePageSizes: readonly string[];
}

export function v1Settings(limits: CgroupLimits, options: LimitOptions): readonly Setting[] {
  return [
    { controller: 'cpu', file: 'cpu.shares', value: String(limits.cpuShares) },
    { controller: 'cpu', file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) },
    { controller: 'cpu', file: 'cpu.cfs_quota_us', value: String(limits.cpuQuotaUs ?? -1) },
    { controller: 'memory', file: 'memory.limit_in_bytes', value: String(limits.memoryBytes ?? -1) },
    { controller: 'pids', file: 'pids.max', value: String(options.pidsMax ?? 'max') },
    ...options.hugePageSizes.map((size) => ({
      controller: 'hugetlb',
      file: `hugetlb.${size}.limit_in_bytes`,
      value: String(limits.hugetlbBytes[size] ?? 0),
    })),
  ];
}

export function v2Settings(limits: CgroupLimits, options: LimitOptions): readonly Setting[] {
  return [
    { controller: 'cpu', file: 'cpu.weight', value: String(cpuWeight(limits.cpuShares)) },
    { controller: 'cpu', file: 'cpu.max', value: `${limits.cpuQuotaUs ?? 'max'} ${CPU_PERIOD_US}` },
    { controller: 'memory', file: 'memory.max', value: String(limits.memoryBytes ?? 'max') },
    { controller: 'pids', file: 'pids.max', value: String(options.pidsMax ?? 'max') },
    ...options.hugePageSizes.map((size) => ({
      controller: 'hugetlb',
      file: `hugetlb.${size}.max`,
      value: String(limits.hugetlbBytes[size] ?? 0),
    })),
  ];
}

/** Shares that a weight stands for: the way back from cpuWeight, to the middle of what rounds to it. */
export function weightToShares(weight: number): number {
  return 2 + Math.ceil(((weight - 1) * 262_142) / 9999);
}
