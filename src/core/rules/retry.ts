// When something that failed is tried again. Pure. Retries are planned, never looped in place.
import type { Fault } from '../../api/fault.ts';
import type { Instant } from '../../api/time.ts';
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

/** The record of one more failure of the same thing. */
export function trouble(before: Trouble | undefined, fault: Fault, now: Instant, pace = paceOf(fault)): Trouble {
  const failures = (before?.failures ?? 0) + 1;
  const delay = Math.min(pace.initialMs * 2 ** Math.min(failures - 1, 20), pace.maxMs);
  return { reason: fault.reason, message: fault.message, since: now, failures, retryAt: now.mono + delay };
}

function paceOf({ reason }: Fault): Pace {
  return PULL_REASONS.has(reason) ? PULLS : OTHERS;
}

export function isPullFailure(trouble: Trouble): boolean {
  return PULL_REASONS.has(trouble.reason);
}
