// `stop`, `start` and `restart`: what an operator asks of pods while the manifests stay as they are.
import { type Command, Option } from 'commander';
import { err, ok, type Result } from '../../lib/result.ts';
import type { PodSelection, RunnerVerb } from '../../ports/runner.ts';
import { type Cli, type CommandSpec, fail } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { socketPath } from '../settings.ts';

export const stopCommand: CommandSpec = verbCommand('stop', {
  summary: 'stop pods and keep them stopped',
  description:
    'Stops pods gracefully and keeps them stopped, also over a restart of the runner, until "solopod start" or a ' +
    'change of their manifest. With --all and no runner alive, removes whatever a runner of this root directory left.',
});

export const startCommand: CommandSpec = verbCommand('start', {
  summary: 'start stopped pods',
  description: 'Starts pods that were stopped and waits until their containers run.',
});

export const restartCommand: CommandSpec = verbCommand('restart', {
  summary: 'stop pods and start them again',
  description: 'Stops pods gracefully, starts them with new containers and forgets their crash back-off.',
});

interface VerbFlags {
  readonly all?: true;
  readonly namespace?: string;
  readonly timeout?: number;
  readonly wait: boolean;
}

function verbCommand(verb: RunnerVerb, text: { readonly summary: string; readonly description: string }): CommandSpec {
  return {
    define(program, cli) {
      const command: Command = program.command(verb).summary(text.summary).description(text.description);
      command
        .argument('[pod...]', 'names, with or without node suffix or namespace; unique prefixes will do')
        .option('--all', 'every pod')
        .option('-n, --namespace <namespace>', 'namespace of the names')
        .addOption(
          new Option('--timeout <duration>', 'how long to wait (default: by the grace periods)').argParser(
            parseDuration,
          ),
        )
        .addOption(new Option('--no-wait', 'do not wait until it is done').conflicts('timeout'))
        .action(cli.run((names: readonly string[], flags: VerbFlags) => ask(cli, { verb, names, flags })));
    },
  };
}

interface Asked {
  readonly verb: RunnerVerb;
  readonly names: readonly string[];
  readonly flags: VerbFlags;
}

async function ask(cli: Cli, { verb, names, flags }: Asked): Promise<number> {
  const selection = toSelection(verb, { names, flags });
  if (!selection.ok) return fail(cli.io, selection.error);
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(cli.io, socket.error);
  const { requestAndFollow } = await import('../pods/request.ts');
  const followed = await requestAndFollow(cli.io, {
    socketPath: socket.value,
    verb,
    selection: selection.value,
    wait: flags.wait,
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
  });
  if (followed.ok) return followed.value;
  if (verb === 'stop' && flags.all === true && followed.error.kind === 'noRunner') {
    const { cleanUpAfterRunner } = await import('../pods/cleanUp.ts');
    return cleanUpAfterRunner(cli);
  }
  return fail(cli.io, followed.error);
}

function toSelection(verb: RunnerVerb, { names, flags }: Omit<Asked, 'verb'>): Result<PodSelection, Failure> {
  const { all, namespace } = flags;
  if (all === true && names.length > 0) return usage('Names and --all exclude each other');
  if (all === true && namespace !== undefined) return usage('--namespace and --all exclude each other');
  if (all === true) return ok({ all });
  if (names.length === 0) return usage(`Which pods? Name them, or ${verb} every pod with --all`);
  const bare = names.map((name) => name.replace(/^(?:pods?|po)\//, ''));
  return ok({ names: bare, ...(namespace === undefined ? {} : { namespace }) });
}

function usage(message: string): Result<never, Failure> {
  return err({ exitCode: EXIT.usage, message });
}
