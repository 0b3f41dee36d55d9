// Durations as Kubernetes' configuration and messages spell them: "300s", "1m30s", "1.5h". Pure.
// Rule: the Go documentation of time.ParseDuration and Duration.String.
import { err, ok, type Result } from '../lib/result.ts';

const NANOS: { readonly [unit: string]: bigint } = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const NANOS_PER_MS = 1_000_000n;
const NANOS_MAX = 2n ** 63n - 1n;
const TERM = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/** Spelling of a duration, for schemas. */
export const DURATION_PATTERN = /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** @returns milliseconds, with a fraction where the text asks for less than one; else why the text is no duration */
export function parseDuration(text: string): Result<number, string> {
  if (!DURATION_PATTERN.test(text)) return err('must be a duration such as 10s, 1m30s or 500ms');
  let nanos = 0n;
  for (const [, number = '', unit = ''] of text.replace(/^[+-]/, '').matchAll(TERM)) {
    const [whole = '', fraction = ''] = number.split('.');
    const scale = NANOS[unit] ?? 0n;
    nanos += BigInt(whole) * scale + (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (nanos > NANOS_MAX) return err('must be a duration of at most 2562047h');
  const ms = Number(nanos / NANOS_PER_MS) + Number(nanos % NANOS_PER_MS) / 1e6;
  return ok((text.startsWith('-') ? -ms : ms) || 0);
}

/** A duration as Go prints it: "10s", "1m20s", "5m0s", "1.5s", "250ms", "0s". Finer than a nanosecond is dropped. */
export function formatGoDuration(ms: number): string {
  const whole = Math.trunc(Math.abs(ms));
  const nanos = BigInt(whole) * NANOS_PER_MS + BigInt(Math.round((Math.abs(ms) - whole) * 1e6));
  if (nanos === 0n) return '0s';
  const sign = ms < 0 ? '-' : '';
  if (nanos < 1_000n) return `${sign}${nanos}ns`;
  if (nanos < NANOS_PER_MS) return `${sign}${decimal(nanos, 1_000n)}µs`;
  if (nanos < 1_000_000_000n) return `${sign}${decimal(nanos, NANOS_PER_MS)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = `${decimal(nanos % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** nanos / unit in full, without trailing zeros. @param unit a power of ten */
function decimal(nanos: bigint, unit: bigint): string {
  const fraction = (nanos % unit).toString().padStart(unit.toString().length - 1, '0');
  return `${nanos / unit}.${fraction}`.replace(/\.?0+$/, '');
}
