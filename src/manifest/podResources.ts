// Resources of a whole pod: what its containers need together, and the defaults of spec.resources. Pure.
// Source: Kubernetes documentation "Sidecar Containers, resource sharing" and "Pod-level resources".
import { canonicalResource } from '../api/canonicalQuantity.ts';
import type { Container, Quantity, ResourceRequirements } from '../api/kubernetes.ts';
import { quantityNanos } from '../api/quantity.ts';
import type { Loose } from './loose.ts';

export interface ContainerLists {
  readonly containers: readonly PartialContainer[];
  readonly initContainers?: readonly PartialContainer[] | undefined;
}
type PartialContainer = Loose<Pick<Container, 'restartPolicy' | 'resources'>>;
type ResourceList = { readonly [key: string]: Quantity };

const NANOS_PER_MILLI = 1_000_000n;

/** Resources that spec.resources may name. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name === 'pids' || name.startsWith('hugepages-');
}

/**
 * Billionths of a unit that the containers request together. Init containers run one after another beside the
 * sidecars started before them, so the larger of start-up and steady state counts.
 *
 * @returns undefined when no container requests it
 */
export function totalRequest(lists: ContainerLists, resource: string): bigint | undefined {
  let sidecars = 0n;
  let peak = 0n;
  let asked = false;
  for (const container of lists.initContainers ?? []) {
    const request = requestOf(container, resource);
    asked ||= request !== undefined;
    if (container.restartPolicy === 'Always') sidecars += request ?? 0n;
    const running = container.restartPolicy === 'Always' ? sidecars : sidecars + (request ?? 0n);
    if (running > peak) peak = running;
  }
  let steady = sidecars;
  for (const container of lists.containers) {
    const request = requestOf(container, resource);
    asked ||= request !== undefined;
    steady += request ?? 0n;
  }
  if (!asked) return undefined;
  return steady > peak ? steady : peak;
}

/** A pod-level limit without a request: what the containers ask for together, else as much as the limit. */
export function defaultPodResources(
  resources: ResourceRequirements | undefined,
  lists: ContainerLists,
): ResourceRequirements | undefined {
  if (resources?.limits === undefined) return resources;
  const limits = canonicalList(resources.limits);
  const requests: { [key: string]: Quantity } = { ...canonicalList(resources.requests ?? {}) };
  for (const [name, limit] of Object.entries(limits)) {
    if (!isPodLevelResource(name) || requests[name] !== undefined) continue;
    const total = totalRequest(lists, name);
    requests[name] = total === undefined ? limit : canonicalResource(`${total / NANOS_PER_MILLI}m`);
  }
  return { ...resources, limits, requests };
}

export function canonicalList(list: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(list).map(([name, quantity]) => [name, canonicalResource(quantity)]));
}

/** A limit without a request asks for as much as the limit. */
function requestOf(container: PartialContainer, resource: string): bigint | undefined {
  const { requests, limits } = container.resources ?? {};
  const quantity = requests?.[resource] ?? limits?.[resource];
  return quantity === undefined ? undefined : quantityNanos(quantity);
}
