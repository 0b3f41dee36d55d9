// `diff`: what `run PATH` would change of what the runner runs now. Changes nothing.
import { resolve } from 'node:path';
import { formatDiagnostic, printable } from '../../manifest/format.ts';
import { type Cli, type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { socketPath } from '../settings.ts';
import type { PodChange } from './comparison.ts';

export const diffCommand: CommandSpec = {
  define(program, cli) {
    program
      .command('diff')
      .summary('show what manifests would change')
      .description(
        'Compares manifests with the pods of the runner, field by field. Exits with 0 when running them would change ' +
          'nothing, 1 when it would, 2 when a manifest is invalid or cannot be read.',
      )
      .argument('<path...>', 'files, directories, or - for standard input')
      .action(cli.run((paths: readonly string[]) => diff(cli, paths)));
  },
};

async function diff(cli: Cli, paths: readonly string[]): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const { readSnapshot } = await import('../client.ts');
  const snapshot = await readSnapshot(socket.value);
  if (!snapshot.ok) return fail(io, snapshot.error);
  const { readManifests } = await import('./validate.ts');
  const { compare } = await import('./comparison.ts');
  const { deviceVariables } = await import('./deviceVariables.ts');
  // As the runner does it: what it does not know has no value.
  const variables = (await deviceVariables(cli)) ?? {};
  const read = await readManifests(paths, { nodeName: snapshot.value.node.name, mode: 'run', variables });
  const errors = read.verdicts.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === 'error'));
  for (const error of errors) io.err(formatDiagnostic(error, { colour: false }));
  for (const { file, reason } of read.unreadable) io.err(`${printable(file)}: ${printable(reason)}\n`);
  if (errors.length + read.unreadable.length > 0) return EXIT.usage;
  const given = read.verdicts.flatMap(({ pods }) => pods);
  const changes = compare({ given, snapshot: snapshot.value, places: paths.map((path) => resolve(path)) });
  for (const change of changes) io.out(lines(change));
  if (changes.length === 0) io.out('Nothing would change.\n');
  return changes.length === 0 ? EXIT.done : EXIT.failed;
}

function lines(change: PodChange): string {
  const key = printable(change.key);
  switch (change.kind) {
    case 'added':
      return `+ ${key}\n`;
    case 'removed':
      return `- ${key}\n`;
    case 'changed': {
      const versions = change.from === change.to ? '' : ` ${change.from.slice(0, 8)} -> ${change.to.slice(0, 8)}`;
      return [`~ ${key}${versions}`, ...change.fields.map((field) => `    ${printable(field)}`), ''].join('\n');
    }
  }
}
