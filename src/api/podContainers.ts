// The containers of a pod, in the order in which they start. Pure.
import { isSidecar } from './desiredPod.ts';
import type { Container } from './kubernetes.ts';

interface Containers<C> {
  readonly initContainers?: readonly C[] | undefined;
  readonly containers: readonly C[];
}

/** @param spec of a pod as a manifest or a status has it; undefined: nothing is known of it */
export function allContainers<C>(spec: Containers<C> | undefined): readonly C[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

/** Names are unique over both lists. */
export function containerNamed<C extends { readonly name: string }>(
  spec: Containers<C> | undefined,
  name: string,
): C | undefined {
  return allContainers(spec).find((container) => container.name === name);
}

/** Those that run for as long as the pod does: sidecars, then app containers. */
export function lastingContainers<C extends Container>(spec: Containers<C>): readonly C[] {
  return [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
}
