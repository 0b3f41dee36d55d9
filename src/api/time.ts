// Two clocks, never mixed: wall time is for people and for stamps made by others, monotonic time is for waiting.

/** Milliseconds since the Unix epoch; may carry a fraction. For display and for comparing with the runtime's stamps. */
export type WallMs = number & { readonly __wall?: never };

/** Milliseconds on a clock that never jumps, with an arbitrary start. For periods, back-off and deadlines. */
export type MonoMs = number & { readonly __mono?: never };

/** One instant on both clocks, taken together. */
export interface Instant {
  readonly wall: WallMs;
  readonly mono: MonoMs;
}

/** RFC 3339 in UTC with second precision, as Kubernetes writes times in a status. */
export function formatTime(wall: WallMs): string {
  return `${new Date(Math.floor(wall / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
