// The command line as a whole: reads the arguments, runs one command, returns its exit code. Never ends the process.
import { Command, CommanderError } from 'commander';
import { version } from '../assets.ts';
import type { Cli } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, EXIT_MEANINGS } from './exitCodes.ts';
import { addGlobalFlags } from './flags.ts';
import { type Io, processIo } from './io.ts';

/**
 * Runs one command line.
 * @param argv as process.argv: the interpreter and the script come first.
 * @returns the exit code; @see EXIT
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const outcome = { exitCode: EXIT.done as number };
  const program = createProgram(io, outcome);
  try {
    await program.parseAsync([...argv]);
    return outcome.exitCode;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    // Asked for help or the version: 0. Everything else that commander ends is wrong usage.
    return cause.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

/** The program with every verb; the action that runs leaves its exit code in `outcome`. */
export function createProgram(io: Io, outcome: { exitCode: number }): Command {
  const program = new Command('solopod');
  program
    .description('Runs Kubernetes static pods on one machine: no cluster, no API server.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 30,
      subcommandTerm: (command) => [command.name(), ...command.aliases()].join(', '),
    })
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .addHelpText('after', exitCodes())
    .showSuggestionAfterError(true)
    .exitOverride();
  const cli: Cli = {
    io,
    flags: addGlobalFlags(program),
    run:
      (action) =>
      async (...args) => {
        outcome.exitCode = await action(...args);
      },
  };
  for (const command of COMMANDS) command.define(program, cli);
  return program;
}

function exitCodes(): string {
  const lines = EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}\n`);
  return `\nExit codes:\n${lines.join('')}`;
}
