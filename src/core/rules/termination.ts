// How the end of a pod begins and what it may take. Pure.
// Rule: kubelet pod workers: grace may only shrink, a kill request is never dropped.
import type { Instant } from '../../api/time.ts';
import type { PodRecord, TerminationCause } from '../world.ts';
import { withoutRefusal } from './admission.ts';

/** Every container gets at least this long between TERM and KILL. */
export const MINIMUM_GRACE_SECONDS = 2;
/** Who takes more than it may gets no more time than it takes to say so. */
export const EVICTION_GRACE_SECONDS = 1;
const DEFAULT_GRACE_SECONDS = 30;
const GRACE_ANNOTATION = 'io.kubernetes.pod.terminationGracePeriod';

/** Causes after which the pod's containers and sandboxes are removed, not only stopped. */
const REMOVING: ReadonlySet<TerminationCause> = new Set([
  'removed',
  'replaced',
  'stopped',
  'restarted',
  'orphaned',
  'drained',
]);

/** Begins to end a pod, or changes why it ends: a pod that completed by itself can still be removed. */
export function terminate(
  record: PodRecord,
  cause: TerminationCause,
  now: Instant,
  graceMaxSeconds = Number.POSITIVE_INFINITY,
): PodRecord {
  const before = record.termination;
  if (before?.cause === cause) return record;
  if (before !== undefined && !REMOVING.has(cause)) return record;
  const graceSeconds = Math.min(before?.graceSeconds ?? graceMaxSeconds, graceMaxSeconds, specGraceSeconds(record));
  const stage = record.stage === 'sync' ? 'terminating' : record.stage;
  return { ...withoutRefusal(record), stage, termination: { cause, since: before?.since ?? now, graceSeconds } };
}

/** Gives an ending pod less time, counted from now: another version of its manifest says so. More time it never gets. */
export function shrinkGrace(record: PodRecord, graceSeconds: number, now: Instant): PodRecord {
  const { termination } = record;
  if (record.stage !== 'terminating' || termination === undefined) return record;
  const grace = Math.max(1, graceSeconds);
  if (now.mono + grace * 1000 >= termination.since.mono + termination.graceSeconds * 1000) return record;
  return { ...record, termination: { ...termination, since: now, graceSeconds: grace } };
}

export function isRemoval(record: PodRecord): boolean {
  return record.termination !== undefined && REMOVING.has(record.termination.cause);
}

/** The pod's own grace period; for a pod without a manifest, the one it was created with. */
function specGraceSeconds(record: PodRecord): number {
  const fromSpec = record.desired?.spec.terminationGracePeriodSeconds;
  if (fromSpec !== undefined) return Math.max(1, fromSpec);
  const recorded = Number(record.containers[0]?.annotations[GRACE_ANNOTATION] ?? DEFAULT_GRACE_SECONDS);
  return Number.isFinite(recorded) ? Math.max(1, recorded) : DEFAULT_GRACE_SECONDS;
}
