// Durations as people type them on this command line. Pure.
import { InvalidArgumentError } from 'commander';

const UNIT_MS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** setTimeout takes no more than this; it is about 24 days. */
const DURATION_MAX_MS = 2 ** 31 - 1;

/**
 * Milliseconds of "90", "90s", "1m30s", "1.5h" or "200ms"; a bare number counts seconds.
 * @throws InvalidArgumentError, which commander turns into a usage error.
 */
export function parseDuration(text: string): number {
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : sumOfUnits(text);
  if (milliseconds === undefined || milliseconds <= 0 || milliseconds > DURATION_MAX_MS) {
    throw new InvalidArgumentError('It must be a duration above zero, such as 90s, 2m or 1m30s.');
  }
  return milliseconds;
}

function sumOfUnits(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0);
}
