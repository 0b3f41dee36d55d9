// `completion`: prints what a shell needs to complete this command line. Needs no runner.
import { Argument } from 'commander';
import type { CommandSpec } from '../command.ts';
import type { Shell } from '../completion/scripts.ts';
import { EXIT } from '../exitCodes.ts';

export const completionCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('completion')
      .summary('print completion for a shell')
      .description(
        'Prints completion for a shell: source <(solopod completion bash), the same in zsh, solopod completion fish | source',
      )
      .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish']))
      .action(
        cli.run(async (shell: Shell) => {
          const { completionOf } = await import('../completion/completionOf.ts');
          cli.io.out(completionOf(program, shell));
          return EXIT.done;
        }),
      );
  },
};
