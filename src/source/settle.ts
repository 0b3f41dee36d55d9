// When a file that changed may be read: not in the middle of a write. Pure, times are passed in.
// A file renamed into place is complete at once; one written in place must rest for a moment first, because nothing
// tells the end of a write from a pause in it.

/** A file written in place is read when it has not changed for this long. */
export const REST_MS = 300;
/** A file that never rests is read anyway after this long. */
export const REST_PATIENCE_MS = 10_000;

export interface Sighting {
  /** Changes whenever the file does. */
  readonly signature: string;
  readonly isEmpty: boolean;
  /** Since the last write by the file's own stamp; negative for a stamp in the future. */
  readonly ageMs: number;
  /** The file came under this name as a whole. */
  readonly isMovedIn: boolean;
}

export interface Pending {
  readonly signature: string;
  /** Monotonic: when this signature was first seen, and when the waiting began. */
  readonly sinceMs: number;
  readonly firstMs: number;
}

export type Readiness =
  | { readonly isReady: true }
  | { readonly isReady: false; readonly pending: Pending; readonly againMs: number };

/** @param nowMs monotonic */
export function settle(seen: Sighting, before: Pending | undefined, nowMs: number): Readiness {
  if (seen.ageMs >= REST_MS) return { isReady: true };
  if (seen.isMovedIn && !seen.isEmpty) return { isReady: true };
  const sinceMs = before?.signature === seen.signature ? before.sinceMs : nowMs;
  const firstMs = before?.firstMs ?? nowMs;
  if (nowMs - sinceMs >= REST_MS || nowMs - firstMs >= REST_PATIENCE_MS) return { isReady: true };
  const pending = { signature: seen.signature, sinceMs, firstMs };
  return { isReady: false, pending, againMs: Math.max(REST_MS - (nowMs - sinceMs), 1) };
}
