// What the runtime is downloading, asked while pulls are under way and never otherwise. CRI does not tell; containerd's
// content store does, blob by blob and without saying for which image, so pulls that overlap share one count.
import type { PullProgress } from '../api/pullProgress.ts';
import type { ReadIngest } from './messages.ts';

const PERIOD_MS = 2_000;

export interface Downloads {
  /** Reports about every other second, only when there is something new. @returns what ends it */
  follow(report: (progress: PullProgress) => void): () => void;
}

/** @param list the blobs under way now; undefined where the runtime does not tell */
export function createDownloads(
  list: () => Promise<readonly ReadIngest[] | undefined>,
  periodMs = PERIOD_MS,
): Downloads {
  const followers = new Set<(progress: PullProgress) => void>();
  /** By blob, the most that was seen of it: one that is complete is no longer listed. */
  const seen = new Map<string, number>();
  let isShared = false;
  let told = 0;
  let isLooking = false;

  function arm(): void {
    if (isLooking) return;
    isLooking = true;
    setTimeout(look, periodMs).unref();
  }

  async function look(): Promise<void> {
    const ingests = await list();
    isLooking = false;
    if (followers.size === 0 || ingests === undefined) return;
    for (const { ref, offset } of ingests) seen.set(ref, Math.max(seen.get(ref) ?? 0, Number(offset)));
    const bytes = [...seen.values()].reduce((sum, count) => sum + count, 0);
    if (bytes !== told) for (const report of followers) report({ bytes, isShared });
    told = bytes;
    arm();
  }

  return {
    follow(report) {
      followers.add(report);
      isShared ||= followers.size > 1;
      arm();
      return () => {
        followers.delete(report);
        if (followers.size > 0) return;
        seen.clear();
        isShared = false;
        told = 0;
      };
    },
  };
}
