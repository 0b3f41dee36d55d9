// The shape of one verb of the command line, and what its action is given. Commands say what to do and return an
// exit code; only main.ts ends the process.

import type { Command } from 'commander';
import { printable } from '../manifest/format.ts';
import type { Failure } from './exitCodes.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';

export interface CommandSpec {
  /** Adds the verb with its arguments, options and action to the program. */
  define(program: Command, cli: Cli): void;
}

export interface Cli {
  readonly io: Io;
  /** The flags that stand before or after any verb, as far as they were given. */
  flags(): GlobalFlags;
  /** Wraps an action so that its result becomes the exit code of the program. */
  run<Args extends readonly unknown[]>(action: (...args: Args) => Promise<number>): (...args: Args) => Promise<void>;
}

/** Prints why a command could not do its work. @returns the exit code for it. */
export function fail(io: Io, { message, exitCode }: Failure): number {
  io.err(`error: ${message.split('\n').map(printable).join('\n')}\n`);
  return exitCode;
}
