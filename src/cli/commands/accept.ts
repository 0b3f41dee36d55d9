// `accept`: lets the pods end whose manifests vanished in a way that looked like an accident.
import { printable } from '../../manifest/format.ts';
import { type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { socketPath } from '../settings.ts';

export const acceptCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('accept')
      .summary('let pods end whose manifests vanished all at once')
      .description(
        'When a manifest directory is gone, or a source suddenly gives far less than before, the pods keep running and ' +
          '"solopod status" shows them as HELD. This says that it is meant: they end now.',
      )
      .action(
        cli.run(async () => {
          const socket = await socketPath(cli);
          if (!socket.ok) return fail(cli.io, socket.error);
          const { acceptRemovals } = await import('../client.ts');
          const ended = await acceptRemovals(socket.value);
          if (!ended.ok) return fail(cli.io, ended.error);
          if (ended.value.length === 0) cli.io.err('Nothing is held.\n');
          for (const key of ended.value) cli.io.out(`${printable(key)} ends\n`);
          return EXIT.done;
        }),
      );
  },
};
