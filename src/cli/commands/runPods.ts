// How `run` stands on the command line; what it does is in cli/run/run.ts.
import type { CommandSpec } from '../command.ts';

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
      .action(
        cli.run(async (places: readonly string[]) => {
          const { run } = await import('../run/run.ts');
          return run(places, cli);
        }),
      );
  },
};
