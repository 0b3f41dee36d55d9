// `run --once`: runs pods until each has done what it is for, tells how it went, and takes everything away again.
import { writeFile } from 'node:fs/promises';
import type { RunnerPort, RunnerSnapshot } from '../../ports/runner.ts';
import { EXIT } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { formatAge } from '../output.ts';
import { attentionLines } from '../status/attention.ts';
import { formatJunit } from './junit.ts';
import { collectReports, junitCases, printReports } from './report.ts';
import { type Asked, type Outcome, outcomeOf } from './verdict.ts';

const LOOK_MS = 500;

export interface OnceOptions {
  readonly timeoutMs: number;
  readonly exitCodeFrom?: string;
  /** Path of a JUnit file to write. */
  readonly junit?: string;
  /** Leaves the pods running at the end. */
  readonly keep: boolean;
}

export interface OnceRun {
  readonly runner: RunnerPort;
  readonly socket: string;
  readonly options: OnceOptions;
  /** A person, or the CI system, wants it to end. */
  readonly interrupted: AbortSignal;
}

/** Waits, reports, writes the JUnit file. Taking the pods away is the caller's. @returns the exit code */
export async function awaitOnce(io: Io, { runner, socket, options, interrupted }: OnceRun): Promise<number> {
  const begun = io.now();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const asked = () => ({ codeFrom: options.exitCodeFrom, now: io.now() });
  const outcome = await untilOver(runner, asked, AbortSignal.any([timeout, interrupted]));
  const snapshot = runner.snapshot();
  const seconds = (io.now() - begun) / 1000;
  const exitCode = exitCodeOf(io, { outcome, snapshot, options, isInterrupted: interrupted.aborted });
  const reports = await collectReports(socket, { snapshot, now: io.now() });
  printReports(io, reports);
  if (options.junit === undefined) return exitCode;
  const written = await writeFile(options.junit, formatJunit(junitCases(reports, seconds), seconds)).catch(
    (e: Error) => e,
  );
  if (!(written instanceof Error)) return exitCode;
  io.err(`error: Cannot write the JUnit file: ${written.message}\n`);
  return exitCode === EXIT.done ? EXIT.failed : exitCode;
}

/** The first outcome that is final; "open" when the signal came first. */
function untilOver(runner: RunnerPort, asked: () => Asked, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const over = new AbortController();
    // Some verdicts come by time alone.
    const timer = setInterval(() => look(), LOOK_MS);
    const settle = (outcome: Outcome): void => {
      clearInterval(timer);
      over.abort();
      resolve(outcome);
    };
    const look = (): void => {
      if (over.signal.aborted) return;
      const outcome = outcomeOf(runner.snapshot(), asked());
      if (outcome.kind !== 'open') settle(outcome);
    };
    if (signal.aborted) return settle({ kind: 'open' });
    signal.addEventListener('abort', () => settle({ kind: 'open' }), { once: true });
    runner.subscribe(look, over.signal);
    look();
  });
}

interface Ended {
  readonly outcome: Outcome;
  readonly snapshot: RunnerSnapshot;
  readonly options: OnceOptions;
  readonly isInterrupted: boolean;
}

function exitCodeOf(io: Io, { outcome, snapshot, options, isInterrupted }: Ended): number {
  switch (outcome.kind) {
    case 'over':
      return outcome.exitCode;
    case 'wrong':
      io.err(`error: ${outcome.failure.message}\n`);
      return outcome.failure.exitCode;
    case 'invalid':
      for (const line of attentionLines(snapshot, { pods: [], now: io.now() })) io.err(`${line}\n`);
      io.err(`error: ${outcome.message}\n`);
      return EXIT.usage;
    case 'open':
      if (isInterrupted) return EXIT.interrupted;
      io.err(`error: Timed out after ${formatAge(options.timeoutMs)}\n`);
      return EXIT.timedOut;
  }
}
