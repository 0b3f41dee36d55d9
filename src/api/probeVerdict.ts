// Probes as the core remembers them: what came of asking a container how it is.
import type { Instant, MonoMs } from './time.ts';

/** Types of probes that had succeeded when the runner ended, by container id. */
export type CarriedProbes = { readonly [containerId: string]: readonly ProbeType[] };

/** `error` means that the question could not be asked; it says nothing about the container. */
export interface ProbeVerdict {
  readonly result: 'success' | 'warning' | 'failure' | 'error';
  /** What the container or the connection answered, at most 10 KiB. */
  readonly output: string;
}

export const PROBE_TYPES = ['startup', 'liveness', 'readiness'] as const;
export type ProbeType = (typeof PROBE_TYPES)[number];

export type ProbeResult = 'success' | 'failure' | 'unknown';

export interface ProbeState {
  /** The instance that was asked: another one starts from the beginning. */
  readonly containerId: string;
  readonly result: ProbeResult;
  /** The newest verdicts in a row that agree. */
  readonly streak: { readonly verdict: 'success' | 'failure'; readonly count: number };
  readonly nextAt: MonoMs;
  /** Absent for what an earlier run of this program was told. */
  readonly last?: { readonly verdict: ProbeVerdict; readonly at: Instant };
}
