// What a command touches of the terminal and the process, so that tests can hand in their own.
import { once } from 'node:events';

export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Bytes as they are, for what may be long. Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Standard output is a terminal: what comes from outside must not steer it. */
  readonly outIsTerminal: boolean;
  /** Colour is wanted: standard output is a terminal and NO_COLOR is not set. */
  readonly colour: boolean;
  /** Standard error, where logs go, is a terminal. */
  readonly errIsTerminal: boolean;
  readonly env: { readonly [name: string]: string | undefined };
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Aborts at the first Ctrl-C; from the first call on, a second Ctrl-C ends the process. */
  interrupted(): AbortSignal;
}

/** The real terminal and process. */
export function processIo(): Io {
  let interruption: AbortSignal | undefined;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    write: async (bytes) => {
      if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
    },
    outIsTerminal: process.stdout.isTTY === true,
    colour: wantsColour(process.stdout.isTTY === true, process.env),
    errIsTerminal: process.stderr.isTTY === true,
    env: process.env,
    now: Date.now,
    interrupted: () => {
      interruption ??= onInterrupt();
      return interruption;
    },
  };
}

/** @see https://no-color.org: any value but the empty one switches colour off. */
export function wantsColour(isTerminal: boolean, env: Io['env']): boolean {
  const forbidden = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return isTerminal && !forbidden && env['TERM'] !== 'dumb';
}

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}
