// `port-forward`, as kubectl spells it.
import type { CommandSpec } from '../command.ts';

interface ForwardFlags {
  readonly namespace?: string;
  readonly address: string;
}

export const portForwardCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('port-forward')
      .summary('reach a port of a pod from this machine')
      .description('Listens on this machine and carries each connection to a port of the pod, until Ctrl-C.')
      .argument('<pod>', 'name, with or without node suffix or namespace; a unique prefix will do')
      .argument(
        '<port...>',
        'LOCAL:REMOTE, REMOTE for the same on both sides, :REMOTE for any free port; names work, too',
      )
      .option('-n, --namespace <namespace>', 'namespace of the name')
      .option('--address <addresses>', 'addresses to listen on, separated by commas', '127.0.0.1')
      .action(
        cli.run(async (name: string, ports: readonly string[], { namespace, address }: ForwardFlags) => {
          const { portForward } = await import('../forward/forward.ts');
          const addresses = address.split(',').map((part) => part.trim());
          return portForward(cli, { name, ports, addresses, ...(namespace === undefined ? {} : { namespace }) });
        }),
      );
  },
};
