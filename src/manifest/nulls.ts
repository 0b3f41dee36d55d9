// An explicit null means "not set", as in the Kubernetes API: removes it, and makes it "" as a value in a map of
// strings. Nulls in lists stay and are refused by the schema. Pure; shares whatever holds no null.
import type { Path } from './finding.ts';
import { isFreeMap } from './path.ts';

/** Maps whose values are strings; null there is the empty string. Quantities are not among them. */
const QUANTITY_MAPS: ReadonlySet<string | number> = new Set(['limits', 'requests', 'overhead']);

export function withoutNulls(value: unknown, path: Path = []): unknown {
  if (Array.isArray(value)) return mapChanged(value, path);
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const result: { [key: string]: unknown } = {};
  for (const [key, member] of Object.entries(value)) {
    const kept = member === null ? meant(path, key) : withoutNulls(member, [...path, key]);
    changed ||= kept !== member;
    if (kept !== undefined) result[key] = kept;
  }
  return changed ? result : value;
}

/** What a null says about a key. Metadata stays null: every object needs it, so this gets a message of its own. */
function meant(path: Path, key: string): '' | null | undefined {
  if (path.length === 0) return key === 'metadata' ? null : undefined;
  const last = path.length - 1;
  return isFreeMap(path, last) && !QUANTITY_MAPS.has(path[last] ?? '') ? '' : undefined;
}

function mapChanged(list: readonly unknown[], path: Path): readonly unknown[] {
  const result = list.map((item, index) => withoutNulls(item, [...path, index]));
  return result.some((item, index) => item !== list[index]) ? result : list;
}
