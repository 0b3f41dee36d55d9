// One look at everything a path holds, compared with the look before. Keeps what it knows between looks; says when to
// look again, and never takes an empty place for an empty set unless the directory itself says so.
import type { Instant } from '../api/time.ts';
import type { SourceFile } from '../ports/sources.ts';
import { whyIgnored } from './fileName.ts';
import { inspect, type Known, type Touch, type Verdict } from './inspect.ts';
import { type Candidate, type Listed, list, type Shape } from './listing.ts';
import { compareBytes, type Found, merge, type Skipped } from './merge.ts';
import { createSignatures, isSignature } from './signatures.ts';

export type Scan =
  | {
      readonly kind: 'listed';
      readonly files: readonly SourceFile[];
      readonly skipped: readonly Skipped[];
      /** The directory whose changes matter. */
      readonly directory: string;
      /** Its inode number: a device number may be another one after a restart of the machine. */
      readonly home: string;
      /** Something settles by then; the set is whole without it only if it was delivered before. */
      readonly againMs: number | undefined;
    }
  | { readonly kind: 'failed'; readonly message: string; readonly isGone: boolean };

export interface Scanner {
  scan(touched: ReadonlyMap<string, Touch>): Promise<Scan>;
}

const FILES_MAX = 10_000;
const IGNORED_MAX = 1_000;
const READERS_MAX = 16;

export interface ScanOptions {
  readonly now: () => Instant;
  readonly isSigned?: boolean;
}

/** @param path absolute; a directory or a single file */
export function createScanner(path: string, { now, isSigned = false }: ScanOptions): Scanner {
  const signatures = createSignatures();
  let known: ReadonlyMap<string, Known> = new Map();
  let shape: Shape | undefined;
  /** The directory that the known files are from. */
  let home: string | undefined;
  let replacedAtMs = Number.NEGATIVE_INFINITY;

  async function scan(touched: ReadonlyMap<string, Touch>): Promise<Scan> {
    const listing = await list(path, shape);
    if (listing.kind === 'failed') return { kind: 'failed', message: `${path} ${listing.reason}`, isGone: false };
    if (listing.kind === 'listed') return scanListing(listing, touched);
    const message = shape === undefined ? `${path} does not exist; it is read as soon as it does` : `${path} is gone`;
    return { kind: 'failed', message, isGone: true };
  }

  async function scanListing(listing: Listed, touched: ReadonlyMap<string, Touch>): Promise<Scan> {
    const { directory, identity } = listing;
    const { manifests, skipped } = sortOut(listing);
    if (identity !== home && manifests.length === 0 && known.size > 0) {
      const message = `${directory} was replaced by an empty directory; it is read as soon as it holds a manifest`;
      return { kind: 'failed', message, isGone: true };
    }
    const found = await mapBounded(manifests, async ({ location, name }): Promise<Found> => {
      const touch = touched.get(name);
      return { location, verdict: await inspect(location, { before: known.get(location), touch, now }) };
    });
    const exhausted = found.map(({ verdict }) => verdict).find(isExhausted);
    if (exhausted !== undefined) return { kind: 'failed', message: `${directory} ${exhausted.reason}`, isGone: false };

    const atMs = now().mono;
    if (home !== undefined && home !== identity) replacedAtMs = atMs;
    home = identity;
    shape = listing.shape;
    const merged = merge(known, found, { atMs, replacedAtMs });
    known = merged.known;
    const { againMs } = merged;
    const files = isSigned ? await signatures.attach(merged.files) : merged.files;
    const all = inOrder([...skipped, ...merged.skipped]);
    return { kind: 'listed', files, skipped: all, directory, home: identity.replace(/^.*:/, ''), againMs };
  }

  return { scan };
}

/** Candidates by name: manifests, and what is skipped without a look. A path to a single file may have any name. */
function sortOut({ shape, candidates, misspelt }: Listed): { manifests: Candidate[]; skipped: Skipped[] } {
  const manifests: Candidate[] = [];
  const skipped: Skipped[] = misspelt.map((location) => ({
    location,
    kind: 'ignored',
    reason: 'has a name that is not UTF-8',
  }));
  const names = new Set(candidates.map(({ name }) => name));
  for (const candidate of candidates) {
    const { location, name } = candidate;
    if (shape === 'directory' && isSignature(name, names)) continue;
    const reason = shape === 'file' ? undefined : whyIgnored(name);
    if (reason !== undefined) skipped.push({ location, kind: 'ignored', reason });
    else if (manifests.length < FILES_MAX) manifests.push(candidate);
    else skipped.push({ location, kind: 'failed', reason: `is beyond ${FILES_MAX} manifests in one directory` });
  }
  return { manifests, skipped };
}

/** Sorted by location, with at most IGNORED_MAX entries that merely inform; a failed one keeps its pods, so all stay. */
function inOrder(skipped: readonly Skipped[]): Skipped[] {
  const sorted = [...skipped].sort((a, b) => compareBytes(a.location, b.location));
  let ignored = 0;
  return sorted.filter(({ kind }) => kind === 'failed' || ignored++ < IGNORED_MAX);
}

function isExhausted(verdict: Verdict): verdict is Extract<Verdict, { kind: 'exhausted' }> {
  return verdict.kind === 'exhausted';
}

async function mapBounded<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  const queue = items.entries();
  const reader = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(READERS_MAX, items.length) }, reader));
  return results;
}
