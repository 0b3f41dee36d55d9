// How `validate` stands on the command line; what it does is in validate.ts.
import { Option } from 'commander';
import type { CommandSpec } from '../command.ts';

interface ValidateFlags {
  readonly output: 'text' | 'json' | 'sarif';
}

export const validateCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('validate')
      .summary('check manifests without running them')
      .description(
        'Checks manifests without a runtime and without root. Exits with 0 when all are valid, 1 when one is not, 2 when one cannot be read.',
      )
      .argument('<path...>', 'files, directories, or - for standard input')
      .addOption(
        new Option('-o, --output <format>', 'output format').choices(['text', 'json', 'sarif']).default('text'),
      )
      .action(
        cli.run(async (paths: readonly string[], { output }: ValidateFlags) => {
          const { validate } = await import('./validate.ts');
          const { deviceVariables } = await import('./deviceVariables.ts');
          const variables = await deviceVariables(cli);
          const nodeName = cli.flags().settings['node-name'];
          const write = (text: string) => cli.io.out(text);
          return validate(paths, {
            output,
            write,
            colour: cli.io.colour,
            ...(nodeName === undefined ? {} : { nodeName }),
            ...(variables === undefined ? {} : { variables }),
          });
        }),
      );
  },
};
