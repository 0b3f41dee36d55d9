// `describe`, as kubectl spells it.
import type { CommandSpec } from '../command.ts';

interface DescribeFlags {
  readonly namespace?: string;
  readonly selector?: string;
}

export const describeCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('describe')
      .summary('say why a pod does what it does, in full')
      .description(
        'Begins with one sentence that says why a pod runs or does not; then its containers, probes with their last answers, ' +
          'volumes, events, and the last lines of what failed.',
      )
      .argument('[pod...]', 'names, with or without node suffix or namespace; unique prefixes will do (default: all)')
      .option('-l, --selector <selector>', 'pods with these labels, such as app=web')
      .option('-n, --namespace <namespace>', 'only pods of this namespace')
      .action(
        cli.run(async (names: readonly string[], { namespace, selector }: DescribeFlags) => {
          const { describe } = await import('../status/describe.ts');
          return describe(cli, {
            names: withoutKind(names),
            ...(namespace === undefined ? {} : { namespace }),
            ...(selector === undefined ? {} : { selector }),
          });
        }),
      );
  },
};

/** `describe pod web`, as kubectl wants it. */
function withoutKind(names: readonly string[]): readonly string[] {
  const [first, ...rest] = names;
  return rest.length > 0 && (first === 'pod' || first === 'pods' || first === 'po') ? rest : names;
}
