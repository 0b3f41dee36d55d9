// `completion`: prints what a shell needs to complete this command line. Needs no runner.
import { Argument, type Command } from 'commander';
import type { CommandSpec } from '../command.ts';
import type { CompletedVerb, Shell } from '../completion/scripts.ts';
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
          const { completionScript } = await import('../completion/scripts.ts');
          cli.io.out(completionScript(shell, program.commands.map(describeVerb)));
          return EXIT.done;
        }),
      );
  },
};

function describeVerb(command: Command): CompletedVerb {
  return {
    name: command.name(),
    aliases: command.aliases(),
    summary: command.summary(),
    flags: command.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined)),
    subverbs: command.commands.map((sub) => sub.name()),
    takesPods: command.registeredArguments.some((argument) => argument.name() === 'pod'),
  };
}
