// Looks at one file of a source and decides what its content is for now: as before, newly read, or still settling.
import type { Instant } from '../api/time.ts';
import type { SourceFile } from '../ports/sources.ts';
import { type FileLook, type FileTrouble, lookAt, readContent } from './readFile.ts';
import { type Pending, settle } from './settle.ts';

/** What hints said about a name since the last scan; 'written' wins over 'moved'. */
export type Touch = 'moved' | 'written';

/** What a source remembers of one file between scans. */
export interface Known {
  readonly accepted: Accepted | undefined;
  readonly pending: Pending | undefined;
  /** Monotonic; defined while the file is not there. */
  readonly missingSinceMs: number | undefined;
}

/** The content that is in force. */
export interface Accepted {
  readonly signature: string;
  readonly file: SourceFile;
  /** Read so soon after a write that another write could have left the same stamps: read once more. */
  readonly isFresh: boolean;
}

export type Verdict =
  | { readonly kind: 'file'; readonly known: Known; readonly againMs: number | undefined }
  | Exclude<FileTrouble, { readonly kind: 'changing' }>;

/** Coarsest tick of a file system's clock that is in use. */
const TICK_MS = 50;

export async function inspect(
  location: string,
  { before, touch, now }: { readonly before: Known | undefined; readonly touch: Touch | undefined; now(): Instant },
): Promise<Verdict> {
  const looked = await lookAt(location);
  if (!looked.ok) return looked.error.kind === 'changing' ? { kind: 'absent' } : looked.error;
  const look = looked.value;
  const accepted = before?.accepted;
  const isSame = accepted?.signature === look.signature;
  if (isSame && !accepted.isFresh) return inForce(accepted);

  const { wall, mono } = now();
  const ageMs = wall - look.modifiedMs;
  if (!isSame) {
    const isMovedIn = cameByRename(look, accepted, { touch, ageMs });
    const seen = { signature: look.signature, isEmpty: look.size === 0, ageMs, isMovedIn };
    const readiness = settle(seen, before?.pending, mono);
    if (!readiness.isReady) return settling(accepted, readiness.pending, readiness.againMs);
  }
  const content = await readContent(location, look);
  if (content.ok) {
    const isFresh = Math.abs(ageMs) < TICK_MS;
    return inForce({ signature: look.signature, isFresh, file: { location, ...content.value } });
  }
  if (content.error.kind !== 'changing') return content.error;
  const firstMs = before?.pending?.firstMs ?? mono;
  return settling(accepted, { signature: look.signature, sinceMs: mono, firstMs }, TICK_MS);
}

/**
 * A new inode that was written before it got its name is complete: its ctime, which a rename sets, is later than its
 * last write, or the only thing seen of the name is a move. The kernel reports a creation as a move too, but a write
 * follows it within a tick.
 */
function cameByRename(
  look: FileLook,
  accepted: Accepted | undefined,
  { touch, ageMs }: { readonly touch: Touch | undefined; readonly ageMs: number },
): boolean {
  if (accepted?.signature.startsWith(`${look.identity}:`) === true) return false;
  return look.changedMs > look.modifiedMs || (touch === 'moved' && ageMs >= TICK_MS);
}

function inForce(accepted: Accepted): Verdict {
  return { kind: 'file', known: { accepted, pending: undefined, missingSinceMs: undefined }, againMs: undefined };
}

function settling(accepted: Accepted | undefined, pending: Pending, againMs: number): Verdict {
  return { kind: 'file', known: { accepted, pending, missingSinceMs: undefined }, againMs };
}
