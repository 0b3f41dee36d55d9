// The parts of a pod that many rules ask about, gathered once. Pure.
import type { Path } from './finding.ts';
import type { LooseContainer, LooseSpec } from './loose.ts';

export interface ContainerView {
  readonly container: LooseContainer;
  readonly path: Path;
  /** A sidecar is an init container that stays. */
  readonly role: 'app' | 'init' | 'sidecar';
}

/** Every container with its place: init containers first, as they start first. */
export function containersOf(spec: LooseSpec): readonly ContainerView[] {
  const init = (spec.initContainers ?? []).map((container, index): ContainerView => {
    const role = container.restartPolicy === 'Always' ? 'sidecar' : 'init';
    return { container, path: ['spec', 'initContainers', index], role };
  });
  const app = (spec.containers ?? []).map((container, index): ContainerView => {
    return { container, path: ['spec', 'containers', index], role: 'app' };
  });
  return [...init, ...app];
}

/** Index and value of every item whose key was there before, with the key. */
export function duplicates(keys: readonly (string | undefined)[]): readonly { index: number; key: string }[] {
  const seen = new Set<string>();
  const found: { index: number; key: string }[] = [];
  keys.forEach((key, index) => {
    if (key === undefined) return;
    if (seen.has(key)) found.push({ index, key });
    seen.add(key);
  });
  return found;
}
