// What a command touches of the terminal and the process, so that tests can hand in their own.
export interface Io {
  out(text: string): void;
  err(text: string): void;
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
