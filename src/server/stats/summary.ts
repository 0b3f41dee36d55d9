// /stats/summary: the kubelet's summary of what node, pods and containers use. Pure. What is not known is left out.
import { formatTime } from '../../api/time.ts';
import type { CpuUse, InterfaceUse, MemoryUse } from '../../ports/stats.ts';
import { podNamespace } from '../selectPods.ts';
import { type ContainerUsage, type PodUsage, podCpu, podMemory, type Usage } from './usage.ts';

export interface SummaryOptions {
  readonly nodeName: string;
  readonly onlyCpuAndMemory: boolean;
}

export function summaryOf({ node, pods }: Usage, options: SummaryOptions): object {
  const time = formatTime(node.at);
  const rest = options.onlyCpuAndMemory
    ? {}
    : {
        swap: { time, swapAvailableBytes: node.swap.availableBytes, swapUsageBytes: node.swap.usedBytes },
        network: network(time, node.interfaces),
        ...(node.filesystem === undefined ? {} : { fs: { time, ...node.filesystem } }),
        rlimit: { time, maxpid: node.processes.most, curproc: node.processes.running },
      };
  return {
    node: {
      nodeName: options.nodeName,
      startTime: formatTime(node.bootedAt),
      cpu: cpu(node.cpu),
      memory: memory(node.memory),
      ...rest,
    },
    pods: pods.map((usage) => podSummary(usage, options)),
  };
}

function podSummary(usage: PodUsage, { onlyCpuAndMemory }: SummaryOptions): object {
  const { pod, sandbox, containers } = usage;
  const own = { cpu: podCpu(usage), memory: podMemory(usage) };
  const { network: uses, processes } = sandbox ?? {};
  const rest = {
    ...(uses === undefined ? {} : { network: network(formatTime(uses.at), uses.interfaces) }),
    ...(processes === undefined ? {} : { process_stats: { process_count: processes } }),
  };
  return {
    podRef: { name: pod.metadata?.name, namespace: podNamespace(pod), uid: pod.metadata?.uid },
    startTime: pod.status?.startTime,
    containers: containers.map((container) => containerSummary(container, onlyCpuAndMemory)),
    ...(own.cpu === undefined ? {} : { cpu: cpu(own.cpu) }),
    ...(own.memory === undefined ? {} : { memory: memory(own.memory) }),
    ...(onlyCpuAndMemory ? {} : rest),
  };
}

function containerSummary({ name, startedAt, use }: ContainerUsage, onlyCpuAndMemory: boolean): object {
  const { at, ...layer } = use.writableLayer ?? {};
  return {
    name,
    startTime: startedAt,
    ...(use.cpu === undefined ? {} : { cpu: cpu(use.cpu) }),
    ...(use.memory === undefined ? {} : { memory: memory(use.memory) }),
    ...(onlyCpuAndMemory || at === undefined ? {} : { rootfs: { time: formatTime(at), ...layer } }),
  };
}

function cpu({ at, coreNanoSeconds, nanoCores }: CpuUse): object {
  return {
    time: formatTime(at),
    ...(nanoCores === undefined ? {} : { usageNanoCores: nanoCores }),
    ...(coreNanoSeconds === undefined ? {} : { usageCoreNanoSeconds: coreNanoSeconds }),
  };
}

function memory({ at, ...values }: MemoryUse): object {
  return { time: formatTime(at), ...values };
}

/** The first interface stands for all in the short form. */
function network(time: string, interfaces: readonly InterfaceUse[]): object {
  return { time, ...interfaces[0], interfaces };
}
