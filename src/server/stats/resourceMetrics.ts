import { counter, gauge, type Metric, podLabels, type Sample } from './exposition.ts';
import { podCpu, podMemory, type Usage } from './usage.ts';

const NANOS = 1e9;

export function resourceMetrics({ node, pods }: Usage): readonly Metric[] {
  const containers = pods.flatMap(({ pod, containers: used }) =>
    used.map(({ name, use, startedAt }) => ({ labels: { container: name, ...podLabels(pod) }, use, startedAt })),
  );
  const ofPods = pods.map((usage) => ({ labels: podLabels(usage.pod), cpu: podCpu(usage), memory: podMemory(usage) }));
  return [
    counter('node_cpu_usage_seconds_total', 'CPU time used by the node in core-seconds', [
      { value: (node.cpu.coreNanoSeconds ?? 0) / NANOS, at: node.cpu.at },
    ]),
    gauge('node_memory_working_set_bytes', 'Working set of the node in bytes', [
      { value: node.memory.workingSetBytes ?? 0, at: node.memory.at },
    ]),
    gauge('node_swap_usage_bytes', 'Swap used by the node in bytes', [{ value: node.swap.usedBytes, at: node.at }]),
    counter(
      'container_cpu_usage_seconds_total',
      'CPU time used by the container in core-seconds',
      containers.flatMap(({ labels, use }) => cpuSample(labels, use.cpu)),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'Working set of the container in bytes',
      containers.flatMap(({ labels, use }) => memorySample(labels, use.memory)),
    ),
    gauge(
      'container_swap_usage_bytes',
      'Swap used by the container in bytes',
      containers.flatMap(({ labels, use }) => (use.swapBytes === undefined ? [] : [{ labels, value: use.swapBytes }])),
    ),
    gauge(
      'container_start_time_seconds',
      'Start of the container since the Unix epoch in seconds',
      containers.flatMap(({ labels, startedAt }) => {
        const wall = Date.parse(startedAt ?? '');
        return Number.isNaN(wall) ? [] : [{ labels, value: wall / 1000 }];
      }),
    ),
    counter(
      'pod_cpu_usage_seconds_total',
      'CPU time used by the pod in core-seconds',
      ofPods.flatMap(({ labels, cpu }) => cpuSample(labels, cpu)),
    ),
    gauge(
      'pod_memory_working_set_bytes',
      'Working set of the pod in bytes',
      ofPods.flatMap(({ labels, memory }) => memorySample(labels, memory)),
    ),
    gauge('resource_scrape_error', '1 when something could not be read, 0 otherwise', [{ value: 0 }]),
  ];
}

type Labels = NonNullable<Sample['labels']>;

function cpuSample(labels: Labels, cpu: { coreNanoSeconds?: number; at: number } | undefined): readonly Sample[] {
  return cpu?.coreNanoSeconds === undefined ? [] : [{ labels, value: cpu.coreNanoSeconds / NANOS, at: cpu.at }];
}

function memorySample(labels: Labels, memory: { workingSetBytes?: number; at: number } | undefined): readonly Sample[] {
  return memory?.workingSetBytes === undefined ? [] : [{ labels, value: memory.workingSetBytes, at: memory.at }];
}
