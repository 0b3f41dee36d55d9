// `status`, with the names that people bring along: `ps`, `get pods`, `get pod NAME`.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Cli, type CommandSpec, fail } from '../command.ts';

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
  readonly output?: string;
  readonly quiet?: true;
  readonly selector?: string;
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
    .addOption(
      new Option('-o, --output <format>', 'output format: wide, json, yaml, name, or jsonpath=TEMPLATE').argParser(
        parseFormat,
      ),
    )
    .option('-q, --quiet', 'only names')
    .option('-l, --selector <selector>', 'only pods with these labels, such as app=web')
    .option('-n, --namespace <namespace>', 'only pods of this namespace')
    .option('-A, --all-namespaces', 'pods of all namespaces, with a column for it')
    .option('-w, --watch', 'go on, with a line for every change');
}

const FORMATS = ['wide', 'json', 'yaml', 'name'] as const;
const JSON_PATH = 'jsonpath=';

function parseFormat(text: string): string {
  if (FORMATS.some((format) => format === text) || text.startsWith(JSON_PATH)) return text;
  throw new InvalidArgumentError(`Allowed choices are ${FORMATS.join(', ')}, ${JSON_PATH}TEMPLATE.`);
}

async function show(cli: Cli, { names, options, inFull }: Shown): Promise<number> {
  const { showStatus } = await import('../status/show.ts');
  const { output, quiet, selector, namespace, allNamespaces, watch, check } = options;
  const format = FORMATS.find((one) => one === output);
  const choice = {
    names,
    ...(namespace === undefined || allNamespaces === true ? {} : { namespace }),
    ...(selector === undefined ? {} : { selector }),
    showNamespace: allNamespaces === true ? 'always' : 'whenNeeded',
    watch: watch === true,
    check: check === true,
  } as const;
  if (output?.startsWith(JSON_PATH) === true) {
    const { parseJsonPath } = await import('../jsonPath.ts');
    const template = parseJsonPath(output.slice(JSON_PATH.length));
    if (!template.ok) return fail(cli.io, template.error);
    return showStatus(cli, { ...choice, format: 'jsonpath', template: template.value });
  }
  const plain = inFull && names.length === 1 && watch !== true ? 'full' : 'table';
  return showStatus(cli, { ...choice, format: format ?? (quiet === true ? 'keys' : plain) });
}
