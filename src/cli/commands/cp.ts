// `cp`, as kubectl spells it.
import type { CommandSpec } from '../command.ts';

interface CopyFlags {
  readonly container?: string;
  readonly namespace?: string;
}

export const cpCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('cp')
      .summary('copy files into and out of a container')
      .description(
        'Copies a file or a directory: POD:PATH PATH, or PATH POD:PATH. Needs tar in the container. Links that come out of a container are skipped.',
      )
      .argument('<from>', 'a path here, or [namespace/]pod:path')
      .argument('<to>', 'the other one')
      .option('-c, --container <name>', 'this container (default: the first)')
      .option('-n, --namespace <namespace>', 'namespace of the pod')
      .action(
        cli.run(async (from: string, to: string, { container, namespace }: CopyFlags) => {
          const { copy } = await import('../copy/copy.ts');
          return copy(cli, {
            from,
            to,
            ...(container === undefined ? {} : { container }),
            ...(namespace === undefined ? {} : { namespace }),
          });
        }),
      );
  },
};
