// `wait`, as kubectl spells it.
import { Option } from 'commander';
import { type CommandSpec, fail } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exitCodes.ts';

interface WaitFlags {
  readonly for: string;
  readonly timeout: number;
  readonly all?: true;
  readonly namespace?: string;
  readonly selector?: string;
}

const TIMEOUT_DEFAULT_MS = 30_000;

export const waitCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('wait')
      .summary('wait until pods are there, done or gone')
      .description(
        'Waits until every pod is ready (default), running, succeeded, deleted, or of the generation that its manifest on ' +
          'disk gives. Exits with 1 when that cannot happen any more, 124 when the time is over; either way it says why.',
      )
      .argument('[pod...]', 'names, with or without node suffix or namespace; they need not be there yet')
      .addOption(new Option('--for <goal>', 'ready, running, succeeded, deleted or generation').default('ready'))
      .addOption(
        new Option('--timeout <duration>', 'how long at most')
          .argParser(parseDuration)
          .default(TIMEOUT_DEFAULT_MS, '30s'),
      )
      .option('--all', 'every pod')
      .option('-l, --selector <selector>', 'pods with these labels, such as app=web')
      .option('-n, --namespace <namespace>', 'only pods of this namespace')
      .action(
        cli.run(async (names: readonly string[], flags: WaitFlags) => {
          const { parseGoal } = await import('../wait/goal.ts');
          const goal = parseGoal(flags.for);
          if (!goal.ok) return fail(cli.io, goal.error);
          const { namespace, selector, all } = flags;
          if (names.length === 0 && all !== true && selector === undefined)
            return fail(cli.io, {
              exitCode: EXIT.usage,
              message: 'Which pods? Name them, select them with -l, or say --all',
            });
          if (names.length > 0 && all === true)
            return fail(cli.io, { exitCode: EXIT.usage, message: 'Names and --all exclude each other' });
          const { wait } = await import('../wait/wait.ts');
          return wait(cli, {
            names,
            goal: goal.value,
            timeoutMs: flags.timeout,
            ...(namespace === undefined ? {} : { namespace }),
            ...(selector === undefined ? {} : { selector }),
          });
        }),
      );
  },
};
