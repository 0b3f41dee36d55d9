// When something that failed is tried again. Pure. Retries are planned, never looped in place.
import type { Fault } from '../../api/fault.ts';
import type { Instant } from '../../api/time.ts';
import type { Trouble } from '../world.ts';

/** Pulls wait 10 s, doubling to 300 s (kubelet's image back-off). */
const IMAGE_INITIAL_MS = 10_000;
const IMAGE_MAX_MS = 300_000;
/** Everything else is tried again after 1 s, doubling to 10 s (kubelet's resync after an error). */
const OTHER_INITIAL_MS = 1_000;
const OTHER_MAX_MS = 10_000;

const PULL_REASONS = new Set(['ErrImagePull', 'RegistryUnavailable', 'SignatureValidationFailed']);

/** The record of one more failure of the same thing. */
export function trouble(before: Trouble | undefined, fault: Fault, now: Instant): Trouble {
  const failures = (before?.failures ?? 0) + 1;
  const [initial, max] = PULL_REASONS.has(fault.reason)
    ? [IMAGE_INITIAL_MS, IMAGE_MAX_MS]
    : [OTHER_INITIAL_MS, OTHER_MAX_MS];
  const delay = Math.min(initial * 2 ** Math.min(failures - 1, 20), max);
  return { reason: fault.reason, message: fault.message, since: now, failures, retryAt: now.mono + delay };
}

export function isPullFailure(trouble: Trouble): boolean {
  return PULL_REASONS.has(trouble.reason);
}
