// A verb of the built program while it runs: what it has printed so far, and how it ends.
import { spawn } from 'node:child_process';
import { eventually } from './eventually.ts';
import { PROGRAM, type Workplace } from './solopod.ts';

const PATIENCE_MS = 90_000;

export interface RunningCommand {
  readonly out: string;
  readonly err: string;
  /** Its exit code; 128 and the number of the signal that killed it. */
  readonly ended: Promise<number>;
  readonly stdin: NodeJS.WritableStream;
  untilOut(pattern: RegExp): Promise<string>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number>;
}

export function startCommand(place: Workplace, ...args: readonly string[]): RunningCommand {
  const child = spawn(PROGRAM, place.commandLine(...args), { stdio: ['pipe', 'pipe', 'pipe'] });
  const printed = { out: '', err: '' };
  for (const stream of ['out', 'err'] as const) {
    child[`std${stream}`].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
    });
  }
  // A verb that died does not read its input any more.
  child.stdin.on('error', () => {});
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS * 2);
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(late);
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 128));
    });
  });
  return {
    get out() {
      return printed.out;
    },
    get err() {
      return printed.err;
    },
    ended,
    stdin: child.stdin,
    untilOut: (pattern) =>
      eventually(
        async () => printed.out,
        (out) => pattern.test(out),
        PATIENCE_MS,
      ),
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
