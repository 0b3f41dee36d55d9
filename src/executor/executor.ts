// Executes actions: no policy, only bounds. Each action runs once at a time (by id), may be aborted, and always
// reports an outcome. Retries are planned by the core, never looped here.
import { type Action, type ActionKind, actionId } from '../core/action.ts';
import type { ActionResult } from '../core/input.ts';
import { Bug } from '../lib/assert.ts';
import type { ExecutorPorts, PodSetUps } from './context.ts';
import { dispatch } from './dispatch.ts';
import { createGate, type Gate } from './gate.ts';
import { createPullGate } from './pullGate.ts';
import { failed } from './result.ts';

/** How many of a kind may run at once, over all pods. */
export interface ExecutorLimits {
  readonly createSandbox: number;
  readonly startContainer: number;
  readonly pullImage: number;
}

export type Report = (action: Action, result: ActionResult) => void;

export interface Executor {
  execute(action: Action): void;
  /** Aborts an action in flight; its outcome is still reported. */
  cancel(id: string): void;
  /** Lets what is in flight finish for `graceMs`, aborts the rest, and resolves when nothing is in flight. */
  close(graceMs: number): Promise<void>;
}

export function createExecutor(ports: ExecutorPorts, limits: ExecutorLimits, report: Report): Executor {
  const gates: { readonly [kind in ActionKind]?: Gate } = {
    createSandbox: createGate(limits.createSandbox),
    startContainer: createGate(limits.startContainer),
  };
  const pulls = createPullGate(limits.pullImage);
  const setUps: PodSetUps = new Map();
  const inFlight = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();

  async function run(action: Action, signal: AbortSignal): Promise<void> {
    const leave = await turnFor(action, signal);
    try {
      const result = signal.aborted ? CANCELLED : await attempt(action, signal);
      inFlight.delete(actionId(action));
      report(action, result);
    } finally {
      leave?.();
    }
  }

  function turnFor(action: Action, signal: AbortSignal): Promise<() => void> | undefined {
    return action.kind === 'pullImage' ? pulls.enter(action.image, signal) : gates[action.kind]?.enter(signal);
  }

  /** What an adapter throws instead of returning is still one pod's trouble, not the end of the runner. */
  async function attempt(action: Action, signal: AbortSignal): Promise<ActionResult> {
    try {
      return await dispatch(action, { ...ports, setUps }, signal);
    } catch (error) {
      if (error instanceof Bug) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return failed({ kind: 'unknownOutcome', reason: 'UnexpectedError', message });
    }
  }

  return {
    execute(action) {
      const id = actionId(action);
      if (inFlight.has(id)) return;
      const abort = new AbortController();
      inFlight.set(id, { abort, done: run(action, abort.signal) });
    },
    cancel(id) {
      inFlight.get(id)?.abort.abort();
    },
    async close(graceMs) {
      const settled = Promise.allSettled([...inFlight.values()].map(({ done }) => done));
      const timer = setTimeout(() => {
        for (const { abort } of inFlight.values()) abort.abort();
      }, graceMs);
      await settled;
      clearTimeout(timer);
    },
  };
}

const CANCELLED: ActionResult = {
  ok: false,
  fault: { kind: 'cancelled', reason: 'Cancelled', message: 'Cancelled before it began' },
  facts: {},
};
