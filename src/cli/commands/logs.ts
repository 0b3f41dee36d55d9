// `logs`, as kubectl spells it, for several pods at once.
import { InvalidArgumentError, Option } from 'commander';
import { type CommandSpec, fail } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exitCodes.ts';

interface LogsFlags {
  readonly container?: string;
  readonly allContainers?: true;
  readonly follow?: true;
  readonly previous?: true;
  readonly tail?: number;
  readonly since?: number;
  readonly sinceTime?: number;
  readonly until?: number;
  readonly timestamps?: true;
  readonly limitBytes?: number;
  readonly selector?: string;
  readonly namespace?: string;
  readonly prefix?: true;
  readonly raw?: true;
}

export const logsCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('logs')
      .summary('print what containers wrote')
      .description(
        'Prints the logs of containers, by name or by labels. With -f it follows them over restarts until the pod is over.',
      )
      .argument('[pod...]', 'names, with or without node suffix or namespace; unique prefixes will do')
      .addOption(new Option('-c, --container <name>', 'this container (default: the first)').conflicts('allContainers'))
      .option('--all-containers', 'every container, init containers included')
      .addOption(new Option('-f, --follow', 'go on with what is written').conflicts(['previous', 'until']))
      .option('-p, --previous', 'of the instance before the present one')
      .addOption(new Option('--tail <lines>', 'only the last lines (-1: all)').argParser(parseTail))
      .addOption(
        new Option('--since <duration>', 'only what is newer, such as 90s or 2h')
          .argParser(parseDuration)
          .conflicts('sinceTime'),
      )
      .addOption(new Option('--since-time <time>', 'only from this time on (RFC 3339)').argParser(parseTime))
      .addOption(new Option('--until <time>', 'only before this time (RFC 3339)').argParser(parseTime))
      .option('--timestamps', 'begin each line with its time')
      .addOption(new Option('--limit-bytes <bytes>', 'no more than this of each container').argParser(parseBytes))
      .option('-l, --selector <selector>', 'pods with these labels, such as app=web')
      .option('-n, --namespace <namespace>', 'only pods of this namespace')
      .option('--prefix', 'begin each line with pod and container (default: for more than one)')
      .option('--raw', 'show escape sequences of containers to this terminal as they are')
      .action(
        cli.run(async (names: readonly string[], flags: LogsFlags) => {
          if (names.length === 0 && flags.selector === undefined)
            return fail(cli.io, { exitCode: EXIT.usage, message: 'Which pods? Name them, or select them with -l' });
          const { showLogs } = await import('../logs/show.ts');
          const { container, namespace, selector, tail, until, limitBytes } = flags;
          const since = flags.since === undefined ? flags.sinceTime : cli.io.now() - flags.since;
          return showLogs(cli, {
            names,
            ...(namespace === undefined ? {} : { namespace }),
            ...(selector === undefined ? {} : { selector }),
            ...(container === undefined ? {} : { container }),
            allContainers: flags.allContainers === true,
            follow: flags.follow === true,
            previous: flags.previous === true,
            prefix: flags.prefix === true ? 'always' : 'whenNeeded',
            raw: flags.raw === true,
            wishes: {
              timestamps: flags.timestamps === true,
              ...(tail === undefined || tail < 0 ? {} : { tailLines: tail }),
              ...(since === undefined ? {} : { since }),
              ...(until === undefined ? {} : { until }),
              ...(limitBytes === undefined ? {} : { limitBytes }),
            },
          });
        }),
      );
  },
};

function parseTail(text: string): number {
  if (/^(-1|\d{1,9})$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of lines, or -1 for all.');
}

function parseBytes(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of bytes above zero.');
}

function parseTime(text: string): number {
  const wall = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(wall)) return wall;
  throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z.');
}
