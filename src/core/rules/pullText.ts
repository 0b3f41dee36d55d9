// A pull that is under way, in words for people. Pure. Time is told in steps, so that the text changes now and then only.
import { formatGoDuration } from '../../api/duration.ts';
import type { Instant, MonoMs } from '../../api/time.ts';
import { formatBytes } from '../../lib/bytes.ts';
import type { Pull } from '../world.ts';

const STEP_MS = 10_000;

/** `Pulling image "x" for 1m20s: 34.1MiB so far`. */
export function pullText({ image, since, progress }: Pull, now: Instant): string {
  const age = Math.floor((now.mono - since.mono) / STEP_MS) * STEP_MS;
  const duration = age === 0 ? '' : ` for ${formatGoDuration(age)}`;
  if (progress === undefined) return `Pulling image "${image}"${duration}`;
  const together = progress.isShared ? ', with other pulls at the same time' : '';
  return `Pulling image "${image}"${duration}: ${formatBytes(progress.bytes)}B so far${together}`;
}

/** When the text changes by time alone. */
export function nextPullText({ since }: Pull, now: MonoMs): MonoMs {
  return since.mono + (Math.floor((now - since.mono) / STEP_MS) + 1) * STEP_MS;
}
