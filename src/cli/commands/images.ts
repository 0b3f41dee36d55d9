// `images`, as crictl and docker spell it.
import { Option } from 'commander';
import type { CommandSpec } from '../command.ts';

interface ImagesFlags {
  readonly output?: 'json' | 'yaml';
  readonly quiet?: true;
}

export const imagesCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('images')
      .summary('show the images on this machine')
      .description('Shows the images that the container runtime stores, whoever brought them.')
      .addOption(new Option('-o, --output <format>', 'output format').choices(['json', 'yaml']))
      .option('-q, --quiet', 'only ids')
      .action(
        cli.run(async ({ output, quiet }: ImagesFlags) => {
          const { showImages } = await import('../images/images.ts');
          return showImages(cli, { format: output ?? 'table', quiet: quiet === true });
        }),
      );
  },
};
