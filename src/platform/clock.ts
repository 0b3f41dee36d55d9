// The only place that reads a clock. Everything else gets instants passed in.
import type { Instant } from '../api/time.ts';

/** Both clocks at one moment; performance.now() never jumps and counts fractions of a millisecond. */
export function now(): Instant {
  return { wall: Date.now(), mono: performance.now() };
}
