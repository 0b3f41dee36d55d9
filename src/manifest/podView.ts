// The parts of a pod that many rules ask about, gathered once. Pure.

import type { Volume } from '../api/kubernetes.ts';
import type { Path } from './finding.ts';
import type { Loose, LooseContainer, LooseSpec } from './loose.ts';

export interface ContainerView {
  readonly container: LooseContainer;
  readonly path: Path;
  /** A sidecar is an init container that stays. */
  readonly role: 'app' | 'init' | 'sidecar';
}

interface View {
  readonly containers: readonly ContainerView[];
  readonly containerNames: ReadonlySet<string>;
  readonly volumes: ReadonlyMap<string, Loose<Volume>>;
}

/** Views by the spec they are of: many rules ask for the same, and a spec never changes. */
const VIEWS = new WeakMap<LooseSpec, View>();

/** Every container with its place: init containers first, as they start first. */
export function containersOf(spec: LooseSpec): readonly ContainerView[] {
  return viewOf(spec).containers;
}

export function containerNames(spec: LooseSpec): ReadonlySet<string> {
  return viewOf(spec).containerNames;
}

export function volumesByName(spec: LooseSpec): ReadonlyMap<string, Loose<Volume>> {
  return viewOf(spec).volumes;
}

function viewOf(spec: LooseSpec): View {
  const known = VIEWS.get(spec);
  if (known !== undefined) return known;
  const containers = listContainers(spec);
  const view = {
    containers,
    containerNames: new Set(containers.map(({ container }) => container.name ?? '')),
    volumes: new Map((spec.volumes ?? []).map((volume) => [volume.name ?? '', volume])),
  };
  VIEWS.set(spec, view);
  return view;
}

function listContainers(spec: LooseSpec): readonly ContainerView[] {
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
