// When a pod has been active for as long as it may. Pure.
// Rule: kubelet activeDeadlineHandler: counted from the pod's start time. A pod that was adopted counts from when its
// first sandbox was made, so that a restart of the runner does not grant it more.
import type { Instant, MonoMs } from '../../api/time.ts';
import type { PodRecord } from '../world.ts';

export function deadlineOf({ desired, activeSince }: PodRecord): MonoMs | undefined {
  const seconds = desired?.spec.activeDeadlineSeconds;
  return seconds === undefined || activeSince === undefined ? undefined : activeSince + seconds * 1000;
}

export function isPastDeadline(record: PodRecord, now: Instant): boolean {
  const deadline = deadlineOf(record);
  return deadline !== undefined && now.mono >= deadline;
}
