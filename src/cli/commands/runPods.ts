// How `run` stands on the command line; what it does is in cli/run/run.ts.
import { Option } from 'commander';
import { err, ok, type Result } from '../../lib/result.ts';
import { type CommandSpec, fail } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { OnceOptions } from '../once/once.ts';

const ONCE_TIMEOUT_MS = 5 * 60_000;

interface RunFlags {
  readonly once?: true;
  readonly timeout: number;
  readonly exitCodeFrom?: string;
  readonly junit?: string;
  readonly keep?: true;
}

export const runCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('run')
      .summary('run pods and keep them running')
      .description(
        'Runs the pods of manifests in the foreground until a signal. SIGTERM leaves them running for the next start; ' +
          'Ctrl-C stops them when manifests were named here. A second signal ends at once.',
      )
      .argument(
        '[path|url|-...]',
        'manifest files, directories, URLs, or - for standard input (default: --manifest-dir and --manifest-url)',
      )
      .option(
        '--once',
        'end when every service is ready and every job has succeeded, or one can not; then stop the pods',
      )
      .addOption(
        new Option('--timeout <duration>', 'with --once: how long at most')
          .argParser(parseDuration)
          .default(ONCE_TIMEOUT_MS, '5m'),
      )
      .option('--exit-code-from <pod/container>', 'with --once: end with this container, and with its exit code')
      .option('--junit <file>', 'with --once: write the result as a JUnit file')
      .option('--keep', 'with --once: leave the pods running')
      .action(
        cli.run(async (places: readonly string[], flags: RunFlags) => {
          const once = onceOptions(places, flags);
          if (!once.ok) return fail(cli.io, once.error);
          const { run } = await import('../run/run.ts');
          return run(places, cli, once.value);
        }),
      );
  },
};

function onceOptions(places: readonly string[], flags: RunFlags): Result<OnceOptions | undefined, Failure> {
  const { once, timeout, exitCodeFrom, junit, keep } = flags;
  if (once !== true) {
    const lone = [
      ['--timeout', timeout !== ONCE_TIMEOUT_MS],
      ['--exit-code-from', exitCodeFrom !== undefined],
      ['--junit', junit !== undefined],
      ['--keep', keep === true],
    ] as const;
    const given = lone.find(([, isGiven]) => isGiven);
    return given === undefined ? ok(undefined) : wrong(`${given[0]} goes with --once only`);
  }
  if (places.length === 0) return wrong('Which manifests? Name files, directories, URLs, or - for standard input');
  return ok({
    timeoutMs: timeout,
    keep: keep === true,
    ...(exitCodeFrom === undefined ? {} : { exitCodeFrom }),
    ...(junit === undefined ? {} : { junit }),
  });
}

function wrong(message: string): Result<never, Failure> {
  return err({ exitCode: EXIT.usage, message });
}
