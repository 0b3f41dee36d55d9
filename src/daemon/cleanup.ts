// Ends what a runner of this root directory left running, when no runner is alive to do it: a runner without
// manifests is put together, told to end every pod, and taken apart again.
import type { RunnerPort } from '../ports/runner.ts';
import type { Logger } from '../telemetry/log.ts';
import { startRunner } from './compose.ts';
import type { RunnerConfig } from './runnerConfig.ts';
import type { StartFailure } from './runtimeStart.ts';

export interface CleanUpOptions {
  readonly config: RunnerConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly write: (line: string) => void;
  /** How long the runtime has to answer. */
  readonly patienceMs: number;
}

export type CleanUpResult =
  | { readonly kind: 'done'; readonly leftBehind: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: StartFailure }
  | { readonly kind: 'unreachable'; readonly message: string };

export async function cleanUp(options: CleanUpOptions, signal: AbortSignal): Promise<CleanUpResult> {
  const { config, env, log, write, patienceMs } = options;
  const started = await startRunner({ config, sources: [], env, log, progress: write }, signal);
  if (!started.ok) return { kind: 'failed', failure: started.error };
  const { runner, leave, drain } = started.value;
  const answered = await seenReady(runner, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
  if (!answered) {
    const { message } = runner.snapshot().node;
    await leave();
    return { kind: 'unreachable', message: message ?? 'no answer' };
  }
  const done = new AbortController();
  tellProgress(runner, write, done.signal);
  const leftBehind = await drain();
  done.abort();
  return { kind: 'done', leftBehind };
}

type Snapshots = Pick<RunnerPort, 'snapshot' | 'subscribe'>;

/** One line for each pod and each thing that it waits for: a grace period may be long. */
function tellProgress(runner: Snapshots, write: (line: string) => void, signal: AbortSignal): void {
  const said = new Map<string, string>();
  const tell = (): void => {
    for (const { key, waitingFor } of Object.values(runner.snapshot().notes)) {
      if (waitingFor === undefined || said.get(key) === waitingFor) continue;
      said.set(key, waitingFor);
      write(`${key}: ${waitingFor}`);
    }
  };
  runner.subscribe(tell, signal);
}

/** @returns false when the signal aborts before the runtime is ready */
function seenReady(runner: Snapshots, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const finish = (answer: boolean): void => {
      done.abort();
      resolve(answer);
    };
    const check = (): void => {
      if (runner.snapshot().node.runtimeReady) finish(true);
    };
    signal.addEventListener('abort', () => finish(false), { once: true, signal: done.signal });
    runner.subscribe(check, done.signal);
    check();
  });
}
