// `export`: the way from one machine into a cluster.
import { Option } from 'commander';
import type { CommandSpec } from '../command.ts';
import type { ExportKind } from '../export/objects.ts';

interface ExportFlags {
  readonly as: ExportKind;
  readonly output: 'yaml' | 'json';
  readonly namespace?: string;
  readonly selector?: string;
}

export const exportCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('export')
      .summary('print pods as objects for a cluster')
      .description(
        'Prints pods as they are written, with the ConfigMaps, Secrets and claims they need, and without what belongs to ' +
          'this node, for kubectl apply. Secrets are printed, too.',
      )
      .argument('[pod...]', 'names, with or without node suffix or namespace; unique prefixes will do (default: all)')
      .addOption(new Option('--as <kind>', 'as what').choices(['pod', 'deployment', 'daemonset']).default('pod'))
      .addOption(new Option('-o, --output <format>', 'output format').choices(['yaml', 'json']).default('yaml'))
      .option('-l, --selector <selector>', 'pods with these labels, such as app=web')
      .option('-n, --namespace <namespace>', 'only pods of this namespace')
      .action(
        cli.run(async (names: readonly string[], flags: ExportFlags) => {
          const { exportPods } = await import('../export/export.ts');
          const { namespace, selector } = flags;
          return exportPods(cli, {
            names,
            kind: flags.as,
            format: flags.output,
            ...(namespace === undefined ? {} : { namespace }),
            ...(selector === undefined ? {} : { selector }),
          });
        }),
      );
  },
};
