// Whether this node takes a pod, given what it has taken already. Pure.
// Rule: kubelet admit handlers: sysctl allow-list, abilities, resource fit, host ports, node labels, claims for one pod;
// reasons and messages are the kubelet's.
// Unlike there, a pod that was refused is looked at again, for ever: what it lacked may come free.
import { canonicalQuantity } from '../../api/canonicalQuantity.ts';
import { isExclusive } from '../../api/claim.ts';
import { objectKey } from '../../api/dataObject.ts';
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { ContainerPort } from '../../api/kubernetes.ts';
import { lastingContainers } from '../../api/podContainers.ts';
import { objectsOfPod } from '../../api/podObjects.ts';
import { podResources } from '../../api/qosClass.ts';
import { quantityUnits } from '../../api/quantity.ts';
import type { NodeCapacity, PodRecord, Refusal, World } from '../world.ts';
import { abilityRefusal } from './abilities.ts';
import { affinityRefusal } from './nodeAffinity.ts';
import { sysctlRefusal } from './sysctls.ts';

const HUGE_PAGES = 'hugepages-';

/** Undefined when the pod may run here. */
export function refusalOf(world: World, record: PodRecord): Refusal | undefined {
  const pod = record.desired;
  const { capacity } = world.settings;
  if (pod === undefined) return undefined;
  const others = [...world.pods.values()].filter((other) => other.uid !== record.uid && isActive(other));
  return (
    sysctlRefusal(pod, world.settings.allowedUnsafeSysctls) ??
    abilityRefusal(pod, world) ??
    resourceRefusal(pod, others, capacity) ??
    portRefusal(pod, others) ??
    affinityRefusal(pod, world.settings) ??
    claimRefusal(pod, { others, claims: world.claims })
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

/** @param others pods that have what they ask for already */
export function resourceRefusal(
  pod: DesiredPod,
  others: readonly PodRecord[],
  capacity: NodeCapacity,
): Refusal | undefined {
  if (others.length >= capacity.pods)
    return short('pods', { requested: 1, used: others.length, capacity: capacity.pods });
  for (const [resource, requested] of Object.entries(requestsOf(pod))) {
    const available = capacityOf(capacity, resource);
    if (available === undefined || requested === 0) continue;
    const used = others.reduce(
      (sum, other) => sum + (other.desired === undefined ? 0 : (requestsOf(other.desired)[resource] ?? 0)),
      0,
    );
    if (used + requested > available) return short(resource, { requested, used, capacity: available });
  }
  return undefined;
}

/** By resource name; huge pages of one size have one name, however the manifest spells the size. */
function requestsOf(pod: DesiredPod): { readonly [resource: string]: number } {
  const entries = Object.entries(podResources(pod.spec).requests);
  return Object.fromEntries(entries.map(([name, amount]) => [hugePageName(name) ?? name, amount]));
}

/** @returns undefined for what no node has a stock of: nobody is refused for want of it */
function capacityOf(capacity: NodeCapacity, resource: string): number | undefined {
  switch (resource) {
    case 'cpu':
    case 'memory':
    case 'ephemeral-storage':
      return capacity[resource];
    default: {
      const bytes = hugePageBytes(resource);
      return bytes === undefined ? undefined : (capacity.hugePages[bytes] ?? 0);
    }
  }
}

function hugePageName(resource: string): string | undefined {
  const bytes = hugePageBytes(resource);
  return bytes === undefined ? undefined : `${HUGE_PAGES}${canonicalQuantity(`${bytes / 1024}Ki`)}`;
}

function hugePageBytes(resource: string): number | undefined {
  return resource.startsWith(HUGE_PAGES) ? quantityUnits(resource.slice(HUGE_PAGES.length)) : undefined;
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

/** A claim for one pod at a time is held by whoever uses it. */
export function claimRefusal(
  pod: DesiredPod,
  { others, claims }: { readonly others: readonly PodRecord[]; readonly claims: World['claims'] },
): Refusal | undefined {
  for (const key of objectsOfPod(pod).claims.map(objectKey)) {
    const claim = claims.get(key);
    if (claim === undefined || !isExclusive(claim)) continue;
    const holder = others.find(({ desired }) => desired !== undefined && usesClaim(desired, key));
    if (holder === undefined) continue;
    const message =
      'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode: ' +
      `${key.slice(key.indexOf('/') + 1)} is held by pod ${holder.key}`;
    return { reason: 'VolumeInUse', message };
  }
  return undefined;
}

export function usesClaim(pod: DesiredPod, key: string): boolean {
  return objectsOfPod(pod).claims.some((ref) => objectKey(ref) === key);
}

function hostPorts(pod: DesiredPod): readonly ContainerPort[] {
  return lastingContainers(pod.spec)
    .flatMap((c) => c.ports ?? [])
    .filter((p) => (p.hostPort ?? 0) > 0);
}

function clashes(a: ContainerPort, b: ContainerPort): boolean {
  const anyAddress = (ip: string | undefined): boolean => ip === undefined || ip === '' || ip === '0.0.0.0';
  const sameAddress = a.hostIP === b.hostIP || anyAddress(a.hostIP) || anyAddress(b.hostIP);
  return a.hostPort === b.hostPort && (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP') && sameAddress;
}
