// `doctor`: looks at this machine before somebody wonders.
import type { CommandSpec } from '../command.ts';

export const doctorCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('doctor')
      .summary('say what this machine lacks to run pods')
      .description(
        'Checks user, container runtime, cgroups, manifest directory, disk and runner, and says what to do about what is ' +
          'missing. Changes nothing. Exits with 1 when pods could not run.',
      )
      .action(
        cli.run(async () => {
          const { doctor } = await import('../doctor/doctor.ts');
          return doctor(cli);
        }),
      );
  },
};
