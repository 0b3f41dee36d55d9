// /metrics: what the runner knows of its pods and of itself. Names and labels are the kubelet's where it has the same; the
// rest begins with solopod_. Pure but for nothing: facts of the process are handed in.
import type { ContainerStatus, Pod } from '../../api/kubernetes.ts';
import { KUBERNETES_VERSION } from '../../api/node.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { counter, gauge, type Metric, podLabels } from './exposition.ts';

export interface ProcessFacts {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Since the Unix epoch. */
  readonly startSeconds: number;
}

export function runnerMetrics(snapshot: RunnerSnapshot, process: ProcessFacts): readonly Metric[] {
  const { pods, node, troubles } = snapshot;
  const states = pods.flatMap(statuses).map(stateOf);
  const count = (state: string) => states.filter((one) => one === state).length;
  const isActive = ({ status }: Pod) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
  const isRunning = (pod: Pod) => statuses(pod).some(({ state }) => state?.running !== undefined);
  return [
    gauge('kubelet_node_name', "The node's name", [{ labels: { node: node.name }, value: 1 }]),
    gauge('kubelet_running_pods', 'Pods with a running container', [{ value: pods.filter(isRunning).length }]),
    gauge(
      'kubelet_running_containers',
      'Containers by state',
      ['running', 'exited', 'waiting'].map((state) => ({ labels: { container_state: state }, value: count(state) })),
    ),
    gauge('kubelet_desired_pods', 'Pods that manifests ask for', [{ labels: { static: 'true' }, value: pods.length }]),
    gauge('kubelet_active_pods', 'Pods that are not done', [
      { labels: { static: 'true' }, value: pods.filter(isActive).length },
    ]),
    gauge('kubernetes_build_info', 'The Kubernetes version whose pods are understood', [
      { labels: { git_version: `v${KUBERNETES_VERSION.replace(/^v/, '')}` }, value: 1 },
    ]),
    gauge(
      'solopod_pod_ready',
      '1 when the pod is ready, 0 otherwise',
      pods.map((pod) => ({ labels: podLabels(pod), value: isReady(pod) ? 1 : 0 })),
    ),
    counter(
      'solopod_container_restarts_total',
      'Restarts of the container',
      pods.flatMap((pod) =>
        statuses(pod).map(({ name, restartCount }) => ({
          labels: { ...podLabels(pod), container: name },
          value: restartCount,
        })),
      ),
    ),
    gauge(
      'solopod_manifest_troubles',
      'Manifests that do not run, by kind',
      ['rejected', 'failed'].map((kind) => ({
        labels: { kind },
        value: troubles.filter((trouble) => trouble.kind === kind).length,
      })),
    ),
    gauge('solopod_runtime_ready', '1 when the container runtime is ready', [{ value: node.runtimeReady ? 1 : 0 }]),
    gauge('solopod_network_ready', '1 when the pod network is ready', [{ value: node.networkReady ? 1 : 0 }]),
    gauge('solopod_sources_ready', '1 when every source of manifests has delivered', [
      { value: node.sourcesReady ? 1 : 0 },
    ]),
    counter('process_cpu_seconds_total', 'CPU time of this process in seconds', [{ value: process.cpuSeconds }]),
    gauge('process_resident_memory_bytes', 'Resident memory of this process in bytes', [
      { value: process.residentBytes },
    ]),
    gauge('process_start_time_seconds', 'Start of this process since the Unix epoch', [
      { value: process.startSeconds },
    ]),
  ];
}

function stateOf({ state }: ContainerStatus): 'running' | 'exited' | 'waiting' {
  if (state?.running !== undefined) return 'running';
  return state?.terminated === undefined ? 'waiting' : 'exited';
}

function statuses({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}
