// From what was found at one scan to what is in force: which files count, which are skipped, what to remember. Pure.
// A file that vanished counts for a moment longer, because editors and copies take files away before they bring them.
import type { SourceFile, SourceSnapshot } from '../ports/sources.ts';
import type { Known, Verdict } from './inspect.ts';

/** A missing file is given up after this long, */
export const MISSING_MS = 200;
/** and together with those that go after it, so that a directory that is emptied is one step; at most this long. */
export const MISSING_TOGETHER_MS = 2_000;
/** In a directory that has just taken the place of another: time to fill it. */
export const REPLACED_MS = 5_000;
export const TOTAL_BYTES_MAX = 256 * 1024 * 1024;

export type Skipped = SourceSnapshot['skipped'][number];

export interface Found {
  readonly location: string;
  readonly verdict: Verdict;
}

export interface Merged {
  readonly known: ReadonlyMap<string, Known>;
  readonly files: readonly SourceFile[];
  readonly skipped: readonly Skipped[];
  /** Something settles by then. */
  readonly againMs: number | undefined;
}

/** @param replacedAtMs monotonic, when the directory was last replaced by another one */
export function merge(
  before: ReadonlyMap<string, Known>,
  found: readonly Found[],
  { atMs, replacedAtMs }: { readonly atMs: number; readonly replacedAtMs: number },
): Merged {
  const known = new Map<string, Known>();
  const skipped: Skipped[] = [];
  const files: SourceFile[] = [];
  const waits: number[] = [];
  const present = new Set<string>();

  for (const { location, verdict } of found) {
    if (verdict.kind === 'absent') continue;
    present.add(location);
    if (verdict.kind !== 'file') {
      const isPassing = verdict.kind !== 'ignored';
      skipped.push({ location, kind: isPassing ? 'failed' : 'ignored', reason: verdict.reason });
      const remembered = before.get(location);
      if (isPassing && remembered !== undefined) known.set(location, { ...remembered, missingSinceMs: undefined });
      continue;
    }
    if (verdict.againMs !== undefined) waits.push(verdict.againMs);
    known.set(location, verdict.known);
    if (verdict.known.accepted !== undefined) files.push(verdict.known.accepted.file);
  }

  const missing = [...before].filter(([location]) => !present.has(location));
  const newestMs = missing.reduce((newest, [, entry]) => Math.max(newest, entry.missingSinceMs ?? atMs), 0);
  for (const [location, { accepted, missingSinceMs = atMs }] of missing) {
    if (accepted === undefined) continue;
    const togetherMs = Math.min(newestMs + MISSING_MS, missingSinceMs + MISSING_TOGETHER_MS);
    const goneAtMs = Math.max(togetherMs, replacedAtMs + REPLACED_MS);
    if (atMs >= goneAtMs) continue;
    waits.push(goneAtMs - atMs);
    known.set(location, { accepted, pending: undefined, missingSinceMs });
    files.push({ ...accepted.file, isMissing: true });
  }

  const { kept, refused } = withinTotal(files.sort((a, b) => compareBytes(a.location, b.location)));
  const againMs = waits.length === 0 ? undefined : Math.min(...waits);
  return { known, files: kept, skipped: [...skipped, ...refused], againMs };
}

/** Order of paths by their bytes, which is not the order of JavaScript strings. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function withinTotal(files: readonly SourceFile[]): { kept: SourceFile[]; refused: Skipped[] } {
  const kept: SourceFile[] = [];
  const refused: Skipped[] = [];
  const reason = `is beyond ${TOTAL_BYTES_MAX} bytes of manifests in one source`;
  let total = 0;
  for (const file of files) {
    total += file.bytes.length;
    if (total <= TOTAL_BYTES_MAX) kept.push(file);
    else refused.push({ location: file.location, kind: 'failed', reason });
  }
  return { kept, refused };
}
