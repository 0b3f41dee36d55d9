// CPU, memory, huge pages and OOM score as cgroup settings of a container, and of a sandbox as a whole. Pure.
// Rule: kubelet kuberuntime_container_linux.go and kuberuntime_sandbox_linux.go; a static pod is critical:
// oom_score_adj −997 and no swap, whatever its QoS class.
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { Quantity } from '../../api/kubernetes.ts';
import type { NodeFacts } from '../../api/node.ts';
import {
  CPU_PERIOD_US,
  cpuQuotaUs,
  cpuShares,
  pageSizeName,
  podCgroupLimitsWithoutOverhead,
} from '../../api/podCgroup.ts';
import { quantityMillis, quantityUnits } from '../../api/quantity.ts';
import type { HugepageLimit, LinuxContainerResources } from '../messages.ts';

const CRITICAL_OOM_SCORE_ADJ = -997;
const HUGEPAGES_PREFIX = 'hugepages-';

type ResourceList = { readonly [resource: string]: Quantity };

/** What the host offers; found out once at start. */
export interface ResourceFacts {
  readonly node: Pick<NodeFacts, 'hugePageSizes' | 'cgroupVersion'>;
  /** True where cgroup v2 can limit swap (memory.swap.max exists). */
  readonly swapController: boolean;
}

export function containerResources(
  pod: DesiredPod,
  container: DesiredContainer,
  { node, swapController }: ResourceFacts,
): LinuxContainerResources {
  const own = container.resources ?? {};
  const limits = { ...pod.spec.resources?.limits, ...own.limits };
  return {
    ...cpuAndMemory(own.requests ?? {}, limits),
    oomScoreAdj: CRITICAL_OOM_SCORE_ADJ,
    hugepageLimits: node.hugePageSizes.map((bytes) => hugepageLimit(bytes, own.limits ?? {})),
    ...(node.cgroupVersion === 2 ? { unified: unified(swapController) } : {}),
  };
}

/** What all containers together may use, for runtimes that size a sandbox by it. */
export function sandboxResources({ spec }: DesiredPod): LinuxContainerResources {
  const limits = podCgroupLimitsWithoutOverhead(spec);
  return {
    cpuPeriod: CPU_PERIOD_US,
    cpuShares: limits.cpuShares,
    cpuQuota: limits.cpuQuotaUs ?? 0,
    memoryLimitInBytes: limits.memoryBytes ?? 0,
  };
}

/** @returns undefined where the pod has no overhead */
export function sandboxOverhead({ spec }: DesiredPod): LinuxContainerResources | undefined {
  return spec.overhead === undefined ? undefined : cpuAndMemory(spec.overhead, spec.overhead);
}

/** Limit absent or 0 means none; request absent means the limit. */
function cpuAndMemory(requests: ResourceList, limits: ResourceList): LinuxContainerResources {
  const limitMilli = quantityMillis(limits['cpu']);
  const requestMilli = requests['cpu'] === undefined ? limitMilli : quantityMillis(requests['cpu']);
  return {
    cpuPeriod: CPU_PERIOD_US,
    cpuQuota: cpuQuotaUs(limitMilli) ?? 0,
    cpuShares: cpuShares(requestMilli),
    memoryLimitInBytes: quantityUnits(limits['memory']),
  };
}

/** Every page size that the kernel has gets a limit, 0 where none was asked for. */
function hugepageLimit(pageBytes: number, limits: ResourceList): HugepageLimit {
  const asked = Object.entries(limits).find(
    ([name]) => name.startsWith(HUGEPAGES_PREFIX) && quantityUnits(name.slice(HUGEPAGES_PREFIX.length)) === pageBytes,
  );
  return { pageSize: pageSizeName(pageBytes), limit: quantityUnits(asked?.[1]) };
}

/** The whole container dies when it runs out of memory, and it may not swap. */
function unified(swapController: boolean): { readonly [file: string]: string } {
  return { 'memory.oom.group': '1', ...(swapController ? { 'memory.swap.max': '0' } : {}) };
}
