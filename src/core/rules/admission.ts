// Whether this node takes a pod, given what it has taken already. Pure.
// Rule: kubelet admit handlers: sysctl allow-list, resource fit, host ports; reasons and messages are the kubelet's.
// Unlike there, a pod that was refused is looked at again, for ever: what it lacked may come free.
import type { DesiredPod } from '../../api/desiredPod.ts';
import { isSidecar } from '../../api/desiredPod.ts';
import type { ContainerPort } from '../../api/kubernetes.ts';
import { podResources } from '../../api/qosClass.ts';
import type { NodeCapacity, PodRecord, Refusal, World } from '../world.ts';
import { sysctlRefusal } from './sysctls.ts';

/** Undefined when the pod may run here. */
export function refusalOf(world: World, record: PodRecord): Refusal | undefined {
  const pod = record.desired;
  const { capacity } = world.settings;
  if (pod === undefined) return undefined;
  const others = [...world.pods.values()].filter((other) => other.uid !== record.uid && isActive(other));
  return (
    sysctlRefusal(pod, world.settings.allowedUnsafeSysctls) ??
    resourceRefusal(pod, others, capacity) ??
    portRefusal(pod, others)
  );
}

/** What was shown of a refusal goes with it: the pod has not begun. */
export function withoutRefusal(record: PodRecord): PodRecord {
  if (record.refusal === undefined) return record;
  const { refusal: _, status: _s, startTime: _t, activeSince: _a, ...rest } = record;
  return rest;
}

/** It takes part in what the node has to give. */
function isActive(record: PodRecord): boolean {
  const holds = record.admitted || record.sandboxes.length > 0 || record.containers.length > 0;
  return holds && record.stage !== 'terminated' && record.desired !== undefined;
}

function resourceRefusal(pod: DesiredPod, others: readonly PodRecord[], capacity: NodeCapacity): Refusal | undefined {
  if (others.length >= capacity.pods)
    return short('pods', { requested: 1, used: others.length, capacity: capacity.pods });
  const asked = requestsOf(pod);
  for (const resource of ['cpu', 'memory', 'ephemeral-storage'] as const) {
    const requested = asked[resource];
    const used = others.reduce(
      (sum, other) => sum + (other.desired === undefined ? 0 : requestsOf(other.desired)[resource]),
      0,
    );
    if (requested > 0 && used + requested > capacity[resource])
      return short(resource, { requested, used, capacity: capacity[resource] });
  }
  return undefined;
}

function requestsOf(pod: DesiredPod): { readonly [resource in 'cpu' | 'memory' | 'ephemeral-storage']: number } {
  const { requests } = podResources(pod.spec);
  return {
    cpu: requests['cpu'] ?? 0,
    memory: requests['memory'] ?? 0,
    'ephemeral-storage': requests['ephemeral-storage'] ?? 0,
  };
}

interface Amounts {
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

function short(resource: string, { requested, used, capacity }: Amounts): Refusal {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${amounts}` };
}

function portRefusal(pod: DesiredPod, others: readonly PodRecord[]): Refusal | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  for (const other of others) {
    const taken = other.desired === undefined ? [] : hostPorts(other.desired);
    const clash = wanted.find((port) => taken.some((held) => clashes(port, held)));
    if (clash === undefined) continue;
    const message =
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports: " +
      `${clash.hostPort}/${clash.protocol ?? 'TCP'} is held by pod ${other.key}`;
    return { reason: 'NodePorts', message };
  }
  return undefined;
}

function hostPorts(pod: DesiredPod): readonly ContainerPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  return [...sidecars, ...pod.spec.containers].flatMap((c) => c.ports ?? []).filter((p) => (p.hostPort ?? 0) > 0);
}

function clashes(a: ContainerPort, b: ContainerPort): boolean {
  const anyAddress = (ip: string | undefined): boolean => ip === undefined || ip === '' || ip === '0.0.0.0';
  const sameAddress = a.hostIP === b.hostIP || anyAddress(a.hostIP) || anyAddress(b.hostIP);
  return a.hostPort === b.hostPort && (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP') && sameAddress;
}
