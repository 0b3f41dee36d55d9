// What the loop needs of a manifest source: full sets, never differences.
import type { SourceKind } from '../api/desiredPod.ts';

export interface SourceFile {
  /** Path, URL (credentials removed) or "-". Sorted bytewise within a snapshot. */
  readonly location: string;
  /** Hash of the bytes, and of the signature: unchanged content is not decoded again. */
  readonly digest: string;
  readonly bytes: Uint8Array;
  /** The detached signature that was found beside it, where signatures are asked for. */
  readonly signature?: Uint8Array;
  /** It is not there at this moment and may come back at once: in force only where it was before. */
  readonly isMissing?: true;
}

/** Everything a source holds at one moment. */
export interface SourceSnapshot {
  readonly kind: 'snapshot';
  readonly source: string;
  readonly sourceKind: SourceKind;
  readonly files: readonly SourceFile[];
  /** Entries that are not manifests or could not be read, with the reason. */
  readonly skipped: readonly {
    readonly location: string;
    readonly kind: 'ignored' | 'failed';
    readonly reason: string;
  }[];
  /** Which directory this is, whatever its name: the same number after a restart of the machine. */
  readonly home?: string;
}

/** The source could not be read at all: what it held before stays in force. */
export interface SourceFailure {
  readonly kind: 'failure';
  readonly source: string;
  readonly message: string;
  /** There is nothing at the place, as far as can be told: no directory, or another one that is empty. */
  readonly isGone: boolean;
}

export interface SourcePort {
  /** Stable id, such as "dir:/etc/solopod/manifests". */
  readonly id: string;
  /** Delivers at start and on every change until the signal aborts. */
  watch(deliver: (update: SourceSnapshot | SourceFailure) => void, signal: AbortSignal): Promise<void>;
}
