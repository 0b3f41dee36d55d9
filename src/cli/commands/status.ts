// `status`, with the names that people bring along: `ps`, `get pods`, `get pod NAME`.
import { type Command, Option } from 'commander';
import type { Cli, CommandSpec } from '../command.ts';

export const statusCommand: CommandSpec = {
  define(program, cli) {
    const status = program.command('status').alias('ps').summary('show pods and what needs attention');
    addStatusOptions(status)
      .description(
        'Shows every pod with its state; one named pod in full. Refused manifests are listed with the reason.',
      )
      .addOption(new Option('--check', 'exit with 3 when anything is not as desired').conflicts('watch'))
      .action(cli.run((names: readonly string[], options: StatusFlags) => show(cli, { names, options, inFull: true })));
  },
};

export const getCommand: CommandSpec = {
  define(program, cli) {
    const get = program.command('get').summary('the same as status, as kubectl spells it');
    addStatusOptions(get.command('pods').aliases(['pod', 'po']))
      .description('Shows pods as `kubectl get pods` does.')
      .action(
        cli.run((names: readonly string[], options: StatusFlags) => show(cli, { names, options, inFull: false })),
      );
  },
};

interface StatusFlags {
  readonly output?: 'wide' | 'json' | 'yaml' | 'name';
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly watch?: true;
  readonly check?: true;
}

interface Shown {
  readonly names: readonly string[];
  readonly options: StatusFlags;
  /** A single named pod is shown in full instead of as a row. */
  readonly inFull: boolean;
}

function addStatusOptions(command: Command): Command {
  return command
    .argument('[pod...]', 'names, with or without node suffix or namespace; unique prefixes will do')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['wide', 'json', 'yaml', 'name']))
    .option('-n, --namespace <namespace>', 'only pods of this namespace')
    .option('-A, --all-namespaces', 'pods of all namespaces, with a column for it')
    .option('-w, --watch', 'go on, with a line for every change');
}

async function show(cli: Cli, { names, options, inFull }: Shown): Promise<number> {
  const { showStatus } = await import('../status/show.ts');
  const { output, namespace, allNamespaces, watch, check } = options;
  return showStatus(cli, {
    names,
    format: output ?? (inFull && names.length === 1 && watch !== true ? 'full' : 'table'),
    ...(namespace === undefined || allNamespaces === true ? {} : { namespace }),
    showNamespace: allNamespaces === true ? 'always' : 'whenNeeded',
    watch: watch === true,
    check: check === true,
  });
}
