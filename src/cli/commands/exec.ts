// `exec` and `attach`, as kubectl spells them.
import { type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';

interface SessionFlags {
  readonly container?: string;
  readonly namespace?: string;
  readonly stdin?: true;
  readonly tty?: true;
  readonly quiet?: true;
}

export const execCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('exec')
      .usage('[options] <pod> -- <command...>')
      .summary('run a command in a container')
      .description(
        'Runs a command in a container and exits with its exit code; 126 and 127 when it cannot be run or is not there.',
      )
      .argument('<pod>', 'name, with or without node suffix or namespace; a unique prefix will do')
      .argument('[command...]', 'the command and its arguments, after --')
      .option('-c, --container <name>', 'this container (default: the first)')
      .option('-n, --namespace <namespace>', 'namespace of the name')
      .option('-i, --stdin', 'hand standard input to the command')
      .option('-t, --tty', 'give the command a terminal')
      .option('-q, --quiet', 'print only what the command prints')
      .action(
        cli.run(async (name: string, command: readonly string[], flags: SessionFlags) => {
          if (command.length === 0)
            return fail(cli.io, {
              exitCode: EXIT.usage,
              message: `Which command? Name it: solopod exec ${name} -- COMMAND`,
            });
          const { exec } = await import('../exec/exec.ts');
          return exec(cli, { ...wanted(name, flags), command });
        }),
      );
  },
};

export const attachCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('attach')
      .summary('connect to what a container runs')
      .description(
        'Shows what the main process of a container writes from now on; with -i also hands it standard input.',
      )
      .argument('<pod>', 'name, with or without node suffix or namespace; a unique prefix will do')
      .option('-c, --container <name>', 'this container (default: the first)')
      .option('-n, --namespace <namespace>', 'namespace of the name')
      .option('-i, --stdin', 'hand standard input to the container, if it has one')
      .option('-t, --tty', 'hand this terminal to the container, if it has one')
      .option('-q, --quiet', 'print only what the container prints')
      .action(
        cli.run(async (name: string, flags: SessionFlags) => {
          const { attach } = await import('../exec/exec.ts');
          return attach(cli, wanted(name, flags));
        }),
      );
  },
};

function wanted(name: string, { container, namespace, stdin, tty, quiet }: SessionFlags) {
  return {
    name,
    ...(container === undefined ? {} : { container }),
    ...(namespace === undefined ? {} : { namespace }),
    stdin: stdin === true,
    tty: tty === true,
    quiet: quiet === true,
  };
}
