// What the runner and the command line need of the directories that claims have on this machine. Implemented by volume/.
import type { ClaimFacts, ClaimName } from '../api/claim.ts';

export interface DiskUsage {
  /** Space taken on disk. */
  readonly bytes: number;
  /** False where counting was given up: there is more. */
  readonly complete: boolean;
}

/** A claim that has a directory; the facts are those of the manifest that was last seen. */
export interface StoredClaim extends ClaimName, Partial<ClaimFacts> {
  readonly path: string;
  /** Wall clock, ms. */
  readonly createdAt: number;
  readonly usage: DiskUsage;
}

export interface ClaimsPort {
  names(signal: AbortSignal): Promise<readonly ClaimName[]>;
  /** The same with what each takes on disk, counted up to a bound. */
  list(signal: AbortSignal): Promise<readonly StoredClaim[]>;
  /** Puts the directory out of reach, unless a pod uses it: asked before and after. finishRemovals() empties it. */
  remove(
    ref: ClaimName,
    options: { readonly isUsed: () => boolean },
    signal: AbortSignal,
  ): Promise<'removed' | 'absent' | 'used'>;
  /** Deletes what was removed, also by a run that was interrupted. One call at a time. */
  finishRemovals(signal: AbortSignal): Promise<void>;
}
