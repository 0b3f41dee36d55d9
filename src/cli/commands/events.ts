// `events`, as kubectl spells it.
import { Option } from 'commander';
import type { CommandSpec } from '../command.ts';

interface EventsFlags {
  readonly namespace?: string;
  readonly selector?: string;
  readonly allNamespaces?: true;
  readonly types?: string;
  readonly watch?: true;
  readonly output?: 'json' | 'yaml';
}

export const eventsCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('events')
      .summary('show what happened to pods and to the node')
      .description('Shows events, oldest first; with -w goes on with what happens.')
      .argument('[pod...]', 'names, with or without node suffix or namespace; unique prefixes will do (default: all)')
      .option('-w, --watch', 'go on with what happens')
      .option('-l, --selector <selector>', 'of pods with these labels, such as app=web')
      .option('-n, --namespace <namespace>', 'only of this namespace')
      .option('-A, --all-namespaces', 'of all namespaces (the default)')
      .option('--types <types>', 'only these: Normal, Warning')
      .addOption(new Option('-o, --output <format>', 'output format').choices(['json', 'yaml']))
      .action(
        cli.run(async (names: readonly string[], flags: EventsFlags) => {
          const { showEvents } = await import('../events/show.ts');
          const { namespace, selector, types, output, watch } = flags;
          return showEvents(cli, {
            names,
            format: output ?? 'table',
            watch: watch === true,
            ...(namespace === undefined || flags.allNamespaces === true ? {} : { namespace }),
            ...(selector === undefined ? {} : { selector }),
            ...(types === undefined ? {} : { types: types.split(',').map((type) => type.trim()) }),
          });
        }),
      );
  },
};
