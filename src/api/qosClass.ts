// Quality of service class and effective resources of a pod. Pure.
// Rule: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ ; init containers run one after the other, so they
// count with their peak, native sidecars stay and add to everything that runs after them.
import type { Container, PodSpec, Quantity, ResourceRequirements } from './kubernetes.ts';
import { quantityMillis, quantityUnits } from './quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** By resource name: cpu in millicores, everything else in whole units (bytes). Zero is left out. */
export interface Amounts {
  readonly [resource: string]: number;
}

export interface PodResources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const QOS_RESOURCES = ['cpu', 'memory'];
/** Resources that spec.resources can set for the pod as a whole. */
const POD_LEVEL_RESOURCES = /^(cpu|memory|hugepages-.+)$/;

export function qosClass(spec: PodSpec): QosClass {
  const parts = hasPodLevelResources(spec) ? [podLevel(spec)] : allContainers(spec).map(containerResources);
  const requests = pickQos(sum(parts.map((part) => part.requests)));
  const limits = pickQos(sum(parts.map((part) => part.limits)));
  if (isEmpty(requests) && isEmpty(limits)) return 'BestEffort';

  const allLimited = parts.every((part) => QOS_RESOURCES.every((name) => part.limits[name] !== undefined));
  const equal = QOS_RESOURCES.every((name) => requests[name] === limits[name]);
  return allLimited && equal ? 'Guaranteed' : 'Burstable';
}

/** What the pod as a whole asks for and may use at most, overhead included. A limit that only some containers have still adds up here. */
export function podResources(spec: PodSpec): PodResources {
  const overhead = toAmounts(spec.overhead);
  const inner = resourcesWithoutOverhead(spec);
  const overheadOfLimited = filterAmounts(overhead, (name) => inner.limits[name] !== undefined);
  return { requests: sum([inner.requests, overhead]), limits: sum([inner.limits, overheadOfLimited]) };
}

/** The same without spec.overhead, which the runtime is told separately. */
export function resourcesWithoutOverhead(spec: PodSpec): PodResources {
  const fromContainers = {
    requests: effective(spec, (container) => containerResources(container).requests),
    limits: effective(spec, (container) => containerResources(container).limits),
  };
  if (!hasPodLevelResources(spec)) return fromContainers;
  const { requests, limits } = podLevel(spec);
  return {
    requests: { ...fromContainers.requests, ...requests },
    limits: { ...fromContainers.limits, ...limits },
  };
}

export function hasPodLevelResources(spec: PodSpec): boolean {
  const { requests, limits } = spec.resources ?? {};
  return [requests, limits].some((list) => Object.keys(list ?? {}).some((name) => POD_LEVEL_RESOURCES.test(name)));
}

/** True when every container of the pod, or the pod itself, has a limit for the resource. */
export function isLimited(spec: PodSpec, resource: string): boolean {
  if (hasPodLevelResources(spec) && podLevel(spec).limits[resource] !== undefined) return true;
  return allContainers(spec).every((container) => containerResources(container).limits[resource] !== undefined);
}

/** A container's requests and limits; a request that is not given is the limit. */
export function containerResources(container: Container): PodResources {
  return requestsAndLimits(container.resources);
}

function podLevel(spec: PodSpec): PodResources {
  const { requests, limits } = requestsAndLimits(spec.resources);
  const given = toAmounts(spec.resources?.requests);
  const fromContainers = effective(spec, (container) => containerResources(container).requests);
  // A pod-level request that is not given is what the containers ask for, and only then the pod-level limit.
  const requested = Object.keys(requests).map((name) => [
    name,
    given[name] ?? fromContainers[name] ?? requests[name] ?? 0,
  ]);
  return { requests: Object.fromEntries(requested), limits };
}

function requestsAndLimits(resources: ResourceRequirements | undefined): PodResources {
  const limits = toAmounts(resources?.limits);
  const requests = { ...limits, ...toAmounts(resources?.requests) };
  return { requests, limits };
}

/** Peak over the init phase, or everything that stays running, whichever is more. */
function effective(spec: PodSpec, amountsOf: (container: Container) => Amounts): Amounts {
  let sidecars: Amounts = {};
  let peak: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const during = sum([amountsOf(container), sidecars]);
    if (container.restartPolicy === 'Always') sidecars = during;
    peak = max(peak, during);
  }
  return max(peak, sum([...spec.containers.map(amountsOf), sidecars]));
}

function allContainers(spec: PodSpec): readonly Container[] {
  return [...spec.containers, ...(spec.initContainers ?? [])];
}

function toAmounts(list: { readonly [resource: string]: Quantity } | undefined): Amounts {
  const entries = Object.entries(list ?? {}).map(([name, quantity]): [string, number] => [
    name,
    name === 'cpu' ? quantityMillis(quantity) : quantityUnits(quantity),
  ]);
  return Object.fromEntries(entries.filter(([, amount]) => amount > 0));
}

function sum(list: readonly Amounts[]): Amounts {
  return combine(list, (a, b) => a + b);
}

function max(a: Amounts, b: Amounts): Amounts {
  return combine([a, b], Math.max);
}

function combine(list: readonly Amounts[], join: (a: number, b: number) => number): Amounts {
  const total: Record<string, number> = {};
  for (const amounts of list) {
    for (const [name, amount] of Object.entries(amounts)) total[name] = join(total[name] ?? 0, amount);
  }
  return total;
}

function pickQos(amounts: Amounts): Amounts {
  return filterAmounts(amounts, (name) => QOS_RESOURCES.includes(name));
}

function filterAmounts(amounts: Amounts, keep: (name: string) => boolean): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => keep(name)));
}

function isEmpty(amounts: Amounts): boolean {
  return Object.keys(amounts).length === 0;
}
