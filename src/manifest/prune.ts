// Takes values that do not fit out of data, so that rules can rely on types even in an object that has errors. Pure.
import type { Path } from './finding.ts';

export interface Misfit {
  readonly path: Path;
  /** JSON Schema type that was wanted; matters in lists only. */
  readonly wanted: string;
}

/** A copy without the values at the given paths; in lists an empty value of the right type takes their place. */
export function withoutMisfits(data: unknown, misfits: readonly Misfit[]): unknown {
  if (misfits.length === 0) return data;
  if (misfits.some(({ path }) => path.length === 0)) return {};
  const copy: unknown = structuredClone(data);
  for (const { path, wanted } of misfits) replace(copy, path, wanted);
  return copy;
}

function replace(data: unknown, path: Path, wanted: string): void {
  const [segment, ...rest] = path;
  if (segment === undefined || typeof data !== 'object' || data === null) return;
  const container = data as { [key: string | number]: unknown };
  if (rest.length > 0) replace(container[segment], rest, wanted);
  else if (Array.isArray(data)) container[segment] = emptyOf(wanted);
  else delete container[segment];
}

function emptyOf(type: string): unknown {
  switch (type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'array':
      return [];
    default:
      return {};
  }
}
