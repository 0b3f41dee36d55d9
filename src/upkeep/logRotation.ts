// When a container's log is rotated, what becomes of the files of earlier rotations, and when to look again. Pure.
// Rule: kubelet container_log_manager: the newest rotated file stays as it is, older ones are compressed, the oldest
// beyond the limit removed. Different: a log that grows fast is looked at sooner, and a flood's files are not compressed,
// because they would be gone before that pays.
import type { LogLimits } from '../api/logLimits.ts';
import type { MonoMs } from '../api/time.ts';

/** A log's size as last seen. */
export interface LogSighting {
  readonly bytes: number;
  readonly at: MonoMs;
}

export interface RotationPlan {
  /** File names in the log's directory, to be removed before the log is rotated. */
  readonly remove: readonly string[];
  /** To be compressed, oldest first. */
  readonly compress: readonly string[];
}

/** Names of rotated files carry whole seconds, so a log is rotated once in a second at most. */
export const SHORTEST_LOOK_MS = 1_000;
/** A log that was rotated twice within this time is flooded. */
const FLOOD_MS = 5_000;

/** What to do with the files of earlier rotations, one place for the next one left free. */
export function planRotation(
  files: readonly string[],
  { logName, maxFiles }: Pick<LogLimits, 'maxFiles'> & { readonly logName: string },
): RotationPlan {
  const rotated = files.filter((file) => file.startsWith(`${logName}.`));
  // What a compression left that did not get to its end, or had just got there.
  const halfDone = rotated.filter(
    (file) => file.endsWith('.tmp') || (!file.endsWith('.gz') && rotated.includes(`${file}.gz`)),
  );
  const whole = rotated.filter((file) => !halfDone.includes(file)).sort();
  const surplus = whole.slice(0, Math.max(0, whole.length - (maxFiles - 2)));
  const kept = whole.slice(surplus.length);
  return { remove: [...halfDone, ...surplus], compress: kept.filter((file) => !file.endsWith('.gz')) };
}

/**
 * The suffix of the next rotated file, "20260131-235959". Names sort in the order of rotation even when the clock has
 * been set back in between: then the newest name counts on.
 *
 * @param clock the local time as such a suffix
 */
export function nextStamp(files: readonly string[], logName: string, clock: string): string {
  const stamps = files.flatMap((file) => stampOf(file, logName) ?? []);
  const newest = stamps.sort().at(-1);
  return newest === undefined || clock > newest ? clock : oneSecondLater(newest);
}

/** The suffix for a moment of local time, given as a Date whose UTC fields are read. */
export function formatStamp(local: Date): string {
  const digits = local.toISOString().replaceAll(/[-:]/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(9, 15)}`;
}

export function isFlood(lastRotation: MonoMs | undefined, now: MonoMs): boolean {
  return lastRotation !== undefined && now - lastRotation < FLOOD_MS;
}

/** How long a log can be left alone: half of what it would take to fill up at the pace of late. */
export function restMs(
  before: LogSighting | undefined,
  now: LogSighting,
  { maxBytes, longestMs }: Pick<LogLimits, 'maxBytes'> & { readonly longestMs: number },
): number {
  const grown = before === undefined ? 0 : now.bytes - before.bytes;
  if (before === undefined || grown <= 0 || now.at <= before.at || !Number.isFinite(maxBytes)) return longestMs;
  const msToFull = (Math.max(0, maxBytes - now.bytes) * (now.at - before.at)) / grown;
  return Math.min(longestMs, Math.max(SHORTEST_LOOK_MS, msToFull / 2));
}

function stampOf(file: string, logName: string): string | undefined {
  if (!file.startsWith(`${logName}.`)) return undefined;
  return /^\d{8}-\d{6}/.exec(file.slice(logName.length + 1))?.[0];
}

function oneSecondLater(stamp: string): string {
  const [, year, month, day, hour, minute, second] = (/^(....)(..)(..)-(..)(..)(..)$/.exec(stamp) ?? []).map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, (second ?? 0) + 1);
  return formatStamp(new Date(at));
}
