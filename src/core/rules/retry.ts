// When something that failed is tried again. Pure. Retries are planned, never looped in place.
import type { Fault } from '../../api/fault.ts';
import type { Instant, MonoMs } from '../../api/time.ts';
import type { Trouble } from '../world.ts';

/** The first delay and the longest, doubling in between. */
interface Pace {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** The kubelet's image back-off. */
const PULLS: Pace = { initialMs: 10_000, maxMs: 300_000 };
/** The kubelet's resync after an error. */
const OTHERS: Pace = { initialMs: 1_000, maxMs: 10_000 };
/** What nothing waits for: the pod runs. The longest delay is the kubelet's for volumes. */
export const UPKEEP: Pace = { initialMs: 10_000, maxMs: 122_000 };

const PULL_REASONS = new Set(['ErrImagePull', 'RegistryUnavailable', 'SignatureValidationFailed']);

/** A failed pull is shown as such for this long, then as the back-off that follows it. */
export const PULL_FAILURE_SHOWN_MS = 5_000;

/** The record of one more failure of the same thing; a failure of another pace begins its own series. */
export function trouble(before: Trouble | undefined, fault: Fault, now: Instant, pace = paceOf(fault)): Trouble {
  const isSameSeries = before !== undefined && paceOf(before) === paceOf(fault);
  const failures = (isSameSeries ? before.failures : 0) + 1;
  const delay = Math.min(pace.initialMs * 2 ** Math.min(failures - 1, 20), pace.maxMs);
  return { reason: fault.reason, message: fault.message, since: now, failures, retryAt: now.mono + delay };
}

function paceOf({ reason }: Pick<Fault, 'reason'>): Pace {
  return PULL_REASONS.has(reason) ? PULLS : OTHERS;
}

export function isPullFailure(trouble: Trouble): boolean {
  return PULL_REASONS.has(trouble.reason);
}

/** True once a failed pull is told as the wait for the next one. */
export function isBackingOff(trouble: Trouble, now: MonoMs): boolean {
  return isPullFailure(trouble) && now - trouble.since.mono >= PULL_FAILURE_SHOWN_MS;
}
