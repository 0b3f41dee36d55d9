// `explain`: a field's type, meaning and whether it works here. Needs no runner.
import { type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';

export const explainCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('explain')
      .summary('say what a field of a pod means and whether it is honoured')
      .description('Prints type and meaning of a field, what solopod does with it, and the fields below it.')
      .argument('[field]', 'such as spec.containers.livenessProbe', 'pod')
      .action(
        cli.run(async (field: string) => {
          const { explain } = await import('../../manifest/explain.ts');
          const found = explain(field);
          if (!found.ok)
            return fail(cli.io, { exitCode: EXIT.usage, message: `Cannot explain ${field}: ${found.error}` });
          const { formatExplanation } = await import('./explanation.ts');
          cli.io.out(formatExplanation(found.value));
          return EXIT.done;
        }),
      );
  },
};
