// Paths as Kubernetes writes them: spec.containers[0].image, and keys of free maps in brackets: resources.limits[cpu].
// Pure.
import type { Path } from './finding.ts';

/** Fields whose value is a map with keys chosen by the user; the names are unique enough to need no schema. */
const FREE_MAPS: ReadonlySet<string | number> = new Set([
  'annotations',
  'binaryData',
  'data',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'options',
  'overhead',
  'requests',
  'stringData',
  'userAnnotations',
  'volumeAttributes',
]);

export function formatPath(path: Path): string {
  let text = '';
  path.forEach((segment, index) => {
    const parent = path[index - 1];
    if (typeof segment === 'number' || isFreeMap(path, index - 1)) text += `[${segment}]`;
    else text += parent === undefined ? segment : `.${segment}`;
  });
  return text;
}

/** True when the field at this index of the path holds keys of the user's own choice. */
export function isFreeMap(path: Path, index: number): boolean {
  const field = path[index];
  return field !== undefined && FREE_MAPS.has(field) && !isFreeMap(path, index - 1);
}

/** The segments of a JSON pointer; numbers become indexes where the data holds an array. */
export function parsePointer(pointer: string, data: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let current = data;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const segment = Array.isArray(current) ? Number(key) : key;
    path.push(segment);
    current = child(current, segment);
  }
  return path;
}

/** The value at a path, undefined when there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(child, data);
}

function child(value: unknown, segment: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
  return (value as { readonly [key: string | number]: unknown })[segment];
}
