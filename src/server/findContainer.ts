// Finds the pod, the container and the instance that a path of the API means, or refuses with the kubelet's words. Pure.
// Rule for instances: kubelet validateContainerLogStatus: the running one, else the one that ended last.
import type { ContainerStatus, Pod } from '../api/kubernetes.ts';
import { containerNamed } from '../api/podContainers.ts';
import type { ContainerInstance, RunnerPort } from '../ports/runner.ts';
import { Refusal } from './route.ts';
import { podNamespace } from './selectPods.ts';

interface PodPath {
  readonly namespace: string;
  readonly pod: string;
  /** When given it must be the pod's. */
  readonly uid?: string;
}

/** @throws Refusal 404 */
export function findPod(runner: RunnerPort, { namespace, pod: name, uid }: PodPath): Pod {
  const pod = runner.snapshot().pods.find((candidate) => {
    return candidate.metadata?.name === name && podNamespace(candidate) === namespace;
  });
  if (pod === undefined || (uid !== undefined && pod.metadata?.uid !== uid))
    throw new Refusal(404, `pod "${name}" does not exist in namespace "${namespace}"`);
  return pod;
}

/** @throws Refusal 404 when the pod has no container of this name */
export function statusOfContainer(pod: Pod, name: string): ContainerStatus | undefined {
  const { spec, status } = pod;
  if (spec !== undefined && containerNamed(spec, name) === undefined)
    throw new Refusal(404, `container "${name}" not found in pod "${pod.metadata?.name}"`);
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.find((candidate) => candidate.name === name);
}

export interface Wanted {
  readonly container: string;
  readonly previous: boolean;
}

/** The instance whose log is meant. @throws Refusal 400 when there is none (yet) */
export function loggedInstance(runner: RunnerPort, pod: Pod, { container, previous }: Wanted): ContainerInstance {
  const status = statusOfContainer(pod, container);
  const where = `container "${container}" in pod "${pod.metadata?.name}"`;
  const last = status?.lastState?.terminated?.containerID;
  const instances = runner.instances(pod.metadata?.uid ?? '').containers;
  const held = (id: string | undefined) => instances.find((instance) => id?.endsWith(`//${instance.id}`) === true);
  if (previous) {
    const found = held(last);
    if (found === undefined) throw new Refusal(400, `previous terminated ${where} not found`);
    return found;
  }
  const current = status?.state?.running === undefined ? status?.state?.terminated?.containerID : status.containerID;
  const found = held(current) ?? held(last);
  if (found !== undefined) return found;
  if (current !== undefined) throw new Refusal(400, `${where} is terminated, and nothing is kept of it`);
  const { reason } = status?.state?.waiting ?? {};
  throw new Refusal(400, `${where} is waiting to start${reason === undefined ? '' : `: ${reason}`}`);
}

/** The running instance of a container. @throws Refusal 404 for an unknown one, 400 for one that does not run */
export function runningInstance(runner: RunnerPort, pod: Pod, container: string): ContainerInstance {
  statusOfContainer(pod, container);
  const { containers } = runner.instances(pod.metadata?.uid ?? '');
  const found = containers.find(({ name, isRunning }) => name === container && isRunning);
  if (found !== undefined) return found;
  throw new Refusal(400, `container "${container}" in pod "${pod.metadata?.name}" is not running`);
}
