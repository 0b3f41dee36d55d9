// `version`: what this program is.
import { Option } from 'commander';
import { version } from '../../assets.ts';
import type { CommandSpec } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { formatJson, formatYaml } from '../output.ts';

export const versionCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('version')
      .summary('print the version')
      .description('Prints the version of this program; with -o also of what it runs on.')
      .addOption(new Option('-o, --output <format>', 'output format').choices(['json', 'yaml']))
      .action(
        cli.run(async ({ output }: { readonly output?: 'json' | 'yaml' }) => {
          const facts = { version: version(), node: process.version, platform: `${process.platform}/${process.arch}` };
          if (output === 'json') cli.io.out(formatJson(facts));
          else if (output === 'yaml') cli.io.out(await formatYaml(facts));
          else cli.io.out(`solopod ${facts.version}\n`);
          return EXIT.done;
        }),
      );
  },
};
