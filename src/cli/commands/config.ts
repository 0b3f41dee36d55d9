// `config view`: every setting with its value and where it comes from. Needs no runner.
import { Option } from 'commander';
import type { DescribedConfig } from '../../daemon/config/describe.ts';
import { printable } from '../../manifest/format.ts';
import { type Cli, type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { formatJson, formatTable, formatYaml } from '../output.ts';
import { loadConfig } from '../settings.ts';

interface ViewFlags {
  readonly output: 'table' | 'json' | 'yaml';
}

export const configCommand: CommandSpec = {
  define(program, cli) {
    const config = program.command('config').summary('look at the configuration');
    config
      .command('view')
      .summary('print every setting with its value and origin')
      .description('Prints the configuration that this command line, this environment and the configuration file give.')
      .addOption(
        new Option('-o, --output <format>', 'output format').choices(['table', 'json', 'yaml']).default('table'),
      )
      .action(cli.run(({ output }: ViewFlags) => view(cli, output)));
  },
};

async function view(cli: Cli, output: ViewFlags['output']): Promise<number> {
  const config = await loadConfig(cli);
  if (!config.ok) return fail(cli.io, config.error);
  const { describeConfig } = await import('../../daemon/config/describe.ts');
  const { formatConfigProblem } = await import('../../daemon/config/problem.ts');
  for (const warning of config.value.warnings) cli.io.err(`warning: ${printable(formatConfigProblem(warning))}\n`);
  cli.io.out(await show(describeConfig(config.value), output));
  return EXIT.done;
}

async function show(config: DescribedConfig, output: ViewFlags['output']): Promise<string> {
  switch (output) {
    case 'json':
      return formatJson(config);
    case 'yaml':
      return formatYaml(config);
    case 'table': {
      const rows = Object.entries(config).map(([key, { value, origin }]) => [key, valueText(value), origin]);
      const cells = [['KEY', 'VALUE', 'ORIGIN'], ...rows].map((row) => row.map((text) => ({ text })));
      return formatTable(cells, { colour: false });
    }
  }
}

/** Text stands as it is; what is empty or not text is shown so that it cannot be mistaken for text. */
function valueText(value: unknown): string {
  if (value === null) return '<none>';
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
