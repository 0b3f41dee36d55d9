// Runs one short-lived helper program and hands back what it said. No shell, bounded output, always a deadline.
// A program that fails is an expected outcome (Result); callers add what they were trying to do.
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { err, ok, type Result } from '../lib/result.ts';

export const RUN_TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** @returns standard output, or one sentence naming the program, how it ended and the last line that it printed. */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result<string, string>> {
  return runWithInput(program, args, { ...options, input: '' });
}

/** As `run`, with text or a stream for its standard input. A stream that breaks off ends the input there. */
export function runWithInput(
  program: string,
  args: readonly string[],
  options: RunOptions & { readonly input: string | Readable },
): Promise<Result<string, string>> {
  const { input, timeoutMs = RUN_TIMEOUT_MS, ...rest } = options;
  const settings = { ...rest, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX } as const;
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { ...settings, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (typeof input !== 'string') input.destroy();
      if (error === null) return resolve(ok(stdout));
      const said = lastLine(stderr) ?? lastLine(stdout);
      const how = error.killed === true ? `was ended after ${timeoutMs} ms` : ending(error.code);
      resolve(err(`${basename(program)} ${how}${said === undefined ? '' : `: ${said}`}`));
    });
    child.stdin?.on('error', () => undefined); // a program that does not read its input is no failure
    if (typeof input === 'string') child.stdin?.end(input);
    else input.once('error', () => child.stdin?.end()).pipe(child.stdin ?? new PassThrough());
  });
}

function ending(code: string | number | null | undefined): string {
  if (code === 'ABORT_ERR') return 'was cancelled';
  return typeof code === 'number' ? `failed with exit code ${code}` : `could not run (${code ?? 'killed'})`;
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
