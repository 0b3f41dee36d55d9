// How far a pull is, as far as the runtime can tell.
export interface PullProgress {
  /** Fetched so far, at least. */
  readonly bytes: number;
  /** The runtime can't tell pulls apart: other pulls that run at the same time are counted in. */
  readonly isShared: boolean;
}
