// Nanoseconds of the runtime's clock to milliseconds. Pure. They do not fit into a double, so they are divided as bigint.
import type { WallMs } from '../../api/time.ts';

const NS_PER_MS = 1_000_000n;

/** Keeps the fraction, to about a quarter of a microsecond. */
export function decodeTime(nanoseconds: bigint): WallMs {
  return Number(nanoseconds / NS_PER_MS) + Number(nanoseconds % NS_PER_MS) / 1e6;
}

/** The CRI's "not specified" is zero; runtimes have also sent the Go zero time, which is negative. */
export function decodeOptionalTime(nanoseconds: bigint): WallMs | undefined {
  return nanoseconds > 0n ? decodeTime(nanoseconds) : undefined;
}
