// Keeps one containerd running: restarts it when it dies, with a growing delay, until it is told to stop or to let go.
// Pods do not notice: their shims keep them running and the next containerd finds them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../lib/result.ts';
import type { RuntimeProcess } from './process.ts';

export const RESTART_FIRST_MS = 200;
export const RESTART_MAX_MS = 5_000;
/** A process that lived this long starts the next series of delays from the beginning. */
const STEADY_MS = 10_000;
const UPKEEP_MS = 60_000;

export type EmbeddedEvent =
  | { readonly kind: 'exited'; readonly pid: number; readonly how: string; readonly restartInMs: number }
  | { readonly kind: 'restarted'; readonly pid: number }
  | { readonly kind: 'restartFailed'; readonly message: string; readonly restartInMs: number };

export interface SuperviseOptions {
  readonly start: (signal: AbortSignal) => Promise<Result<RuntimeProcess, string>>;
  readonly report: (event: EmbeddedEvent) => void;
  /** Small regular work, such as capping the log. */
  readonly upkeep: () => Promise<void>;
}

export interface Supervisor {
  readonly current: () => RuntimeProcess;
  /** Ends the watching; afterwards no process is started any more. Returns the last one, dead or alive. */
  readonly end: () => Promise<RuntimeProcess>;
}

/** The delay before the start that follows `failures` quick deaths in a row. */
export function restartDelay(failures: number): number {
  return Math.min(RESTART_FIRST_MS * 2 ** Math.min(failures, 10), RESTART_MAX_MS);
}

export function supervise(first: RuntimeProcess, options: SuperviseOptions): Supervisor {
  const ended = new AbortController();
  const endCalled = aborted(ended.signal);
  let current = first;

  const watch = async (): Promise<void> => {
    let failures = 0;
    while (!ended.signal.aborted) {
      const since = performance.now();
      const how = await Promise.race([current.exited, endCalled]);
      if (how === undefined) return;
      if (performance.now() - since > STEADY_MS) failures = 0;
      options.report({ kind: 'exited', pid: current.pid, how, restartInMs: restartDelay(failures) });
      failures = await restart(failures);
    }
  };

  /** @returns how many quick deaths the next delay must count */
  const restart = async (failuresBefore: number): Promise<number> => {
    let failures = failuresBefore;
    for (;;) {
      await pause(restartDelay(failures), ended.signal);
      if (ended.signal.aborted) return failures;
      failures += 1;
      const started = await options.start(ended.signal);
      if (started.ok) {
        current = started.value;
        options.report({ kind: 'restarted', pid: current.pid });
        return failures;
      }
      if (ended.signal.aborted) return failures;
      options.report({ kind: 'restartFailed', message: started.error, restartInMs: restartDelay(failures) });
    }
  };

  const keepUp = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await pause(UPKEEP_MS, ended.signal);
      await options.upkeep().catch(() => undefined); // a full disk must not end the watching
    }
  };

  const watching = Promise.all([watch(), keepUp()]);
  return {
    current: () => current,
    end: async () => {
      ended.abort();
      await watching;
      return current;
    },
  };
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}
