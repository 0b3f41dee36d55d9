// The planner's answer for one pod, and how answers are put together.
import type { MonoMs } from '../../api/time.ts';
import type { Action } from '../action.ts';
import type { Announcement } from '../events.ts';
import type { WaitingFor } from '../world.ts';

export interface PodPlan {
  readonly actions: readonly Action[];
  /** Ids of actions in flight that are no longer wanted. */
  readonly cancel: readonly string[];
  /** When to plan again though nothing has happened. */
  readonly wakeAt?: MonoMs;
  /** Why nothing more is being done, in words for people. */
  readonly waitingFor?: WaitingFor;
  readonly notices: readonly Notice[];
}

/** An event that is said once per `cause` of a `topic`. */
export interface Notice extends Announcement {
  readonly topic: string;
  readonly cause: string;
}

export const NOTHING: PodPlan = { actions: [], cancel: [], notices: [] };

export function waiting(reason: string, message: string, wakeAt?: MonoMs): PodPlan {
  const until = wakeAt === undefined ? {} : { until: wakeAt };
  return { ...NOTHING, waitingFor: { reason, message, ...until }, ...(wakeAt === undefined ? {} : { wakeAt }) };
}

/** Several plans as one: all actions, the earliest wake-up, the first reason to wait. */
export function joined(plans: readonly PodPlan[]): PodPlan {
  const wakes = plans.flatMap((p) => (p.wakeAt === undefined ? [] : [p.wakeAt]));
  const waitingFor = plans.find((p) => p.waitingFor !== undefined)?.waitingFor;
  return {
    actions: plans.flatMap((p) => p.actions),
    cancel: plans.flatMap((p) => p.cancel),
    notices: plans.flatMap((p) => p.notices),
    ...(wakes.length === 0 ? {} : { wakeAt: Math.min(...wakes) }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
  };
}
