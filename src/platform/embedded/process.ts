// One containerd process: started in a session of its own, or found again after solopod died.
// It is found by its exact command line, not by a pid file: nothing to go stale, nothing lost when killed in between.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { invariant } from '../../lib/assert.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { askSocket } from '../unixSocket.ts';
import type { EmbeddedTools } from './find.ts';
import { lastErrorInLog } from './logFile.ts';
import type { EmbeddedPaths } from './paths.ts';

/** A live containerd of ours, child or not. */
export interface RuntimeProcess {
  readonly pid: number;
  /** Settles when it is gone, with how it ended in a few words. */
  readonly exited: Promise<string>;
}

const READY_WITHIN_MS = 60_000;
const READY_POLL_MS = 20;
const GONE_POLL_MS = 100;
const TERM_GRACE_MS = 10_000;
/** Longer only for a process that hangs inside the kernel. */
const KILL_GRACE_MS = 10_000;

/** Variables that containerd and its shims may inherit: proxies and certificates for image pulls. */
const PASSED_ON = /^((https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|HOME|LANG|TZ)$/i;

/** Starts containerd and waits until it answers; on failure nothing is left running. */
export async function startProcess(
  paths: EmbeddedPaths,
  tools: EmbeddedTools,
  options: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Result<RuntimeProcess, string>> {
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(tools.containerd, commandLine(paths), {
    cwd: '/',
    detached: true, // own session: Ctrl-C on the terminal and the death of solopod do not reach it
    stdio: ['ignore', log, log],
    env: childEnvironment(options.env, tools.searchPath),
  });
  closeSync(log);
  child.unref();
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const over = new AbortController();
  const answered = waitForAnswer(paths.socket, AbortSignal.any([options.signal, over.signal]));
  const ready = await Promise.race([exited, answered]);
  over.abort();
  if (ready === 'answers') {
    invariant(child.pid !== undefined, 'A process that answers has a pid');
    return ok({ pid: child.pid, exited });
  }
  if (child.pid !== undefined) await endProcess({ pid: child.pid, exited });
  const reason = (await lastErrorInLog(paths.log)) ?? ready;
  return err(`containerd ${tools.version.text} does not start (${ready}): ${reason}; its log is ${paths.log}`);
}

/** The containerd that an earlier solopod left running for this configuration file, with the program that it runs. */
export async function findProcess(
  paths: EmbeddedPaths,
): Promise<(RuntimeProcess & { readonly program: string }) | undefined> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const argv = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (argv[1] !== '--config' || argv[2] !== paths.config || argv[3] !== '') continue;
    const program = await readlink(`/proc/${entry}/exe`).catch(() => '');
    const pid = Number(entry);
    return { pid, program, exited: whenGone(pid, paths.config) };
  }
  return undefined;
}

/** TERM, then KILL; returns when the process is gone. */
export async function endProcess(target: RuntimeProcess): Promise<void> {
  signalProcess(target.pid, 'SIGTERM');
  signalProcess(target.pid, 'SIGCONT'); // a stopped process would sleep through TERM
  if (await isGoneWithin(target, TERM_GRACE_MS)) return;
  signalProcess(target.pid, 'SIGKILL');
  await isGoneWithin(target, KILL_GRACE_MS);
}

async function isGoneWithin(target: RuntimeProcess, limitMs: number): Promise<boolean> {
  const limit = new AbortController();
  const timeout = sleep(limitMs, false, { signal: limit.signal }).catch(() => false);
  const gone = await Promise.race([target.exited.then(() => true), timeout]);
  limit.abort();
  return gone;
}

function commandLine(paths: EmbeddedPaths): readonly string[] {
  return ['--config', paths.config];
}

function childEnvironment(env: NodeJS.ProcessEnv, searchPath: string): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => PASSED_ON.test(name));
  return { ...Object.fromEntries(kept), PATH: searchPath };
}

async function waitForAnswer(path: string, signal: AbortSignal): Promise<string> {
  const attempts = READY_WITHIN_MS / READY_POLL_MS;
  let answer = '';
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    answer = await askSocket(path);
    if (answer === 'answers') return answer;
    if (signal.aborted) return 'cancelled';
    await sleep(READY_POLL_MS);
  }
  return `its socket ${path}: ${answer}`;
}

async function whenGone(pid: number, config: string): Promise<string> {
  for (;;) {
    const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!argv.includes(config)) return 'gone';
    await sleep(GONE_POLL_MS, undefined, { ref: false });
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // already gone
  }
}
