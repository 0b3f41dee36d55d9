// `top`, as kubectl spells it.
import { type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';

interface TopFlags {
  readonly containers?: true;
  readonly namespace?: string;
}

export const topCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('top')
      .summary('show what pods and the node use')
      .description('Shows the CPU of the last second and the working set of pods, their containers, or the node.')
      .argument('[pods|node]', 'of what (default: pods)')
      .option('--containers', 'of each container')
      .option('-n, --namespace <namespace>', 'only pods of this namespace')
      .action(
        cli.run(async (what: string | undefined, { containers, namespace }: TopFlags) => {
          const of =
            what === undefined || /^(pods?|po)$/.test(what) ? 'pods' : /^(nodes?|no)$/.test(what) ? 'node' : undefined;
          if (of === undefined)
            return fail(cli.io, { exitCode: EXIT.usage, message: `Of what? Give pods or node, not "${what}"` });
          const { top } = await import('../top/top.ts');
          return top(cli, { of, containers: containers === true, ...(namespace === undefined ? {} : { namespace }) });
        }),
      );
  },
};
