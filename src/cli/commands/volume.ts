// `volume ls` and `volume rm`: the directories of claims, which outlive pods. With no runner alive they are looked at
// where they are.
import { Option } from 'commander';
import type { ClaimName } from '../../api/claim.ts';
import { type Cli, type CommandSpec, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';

interface ListFlags {
  readonly output: 'table' | 'json' | 'yaml' | 'name';
  readonly namespace?: string;
}

interface RemoveFlags {
  readonly namespace?: string;
}

export const volumeCommand: CommandSpec = {
  define(program, cli) {
    const volume = program.command('volume').summary('list and remove volumes of PersistentVolumeClaims');
    volume
      .command('ls')
      .alias('list')
      .summary('list volumes')
      .description(
        'Lists the volumes of PersistentVolumeClaims: Bound to a claim that a manifest gives, Pending until a pod ' +
          'needs it, Released when no manifest gives the claim any more. The data stays until "volume rm".',
      )
      .addOption(
        new Option('-o, --output <format>', 'output format')
          .choices(['table', 'json', 'yaml', 'name'])
          .default('table'),
      )
      .option('-n, --namespace <namespace>', 'only volumes of this namespace')
      .action(cli.run((flags: ListFlags) => list(cli, flags)));
    volume
      .command('rm')
      .alias('remove')
      .summary('remove volumes and the data in them')
      .description(
        'Removes volumes with all data in them, for good. Refuses a volume that a pod uses. A volume whose claim is ' +
          'still in a manifest is made anew, empty, when a pod needs it.',
      )
      .argument('<volume...>', 'name, or namespace/name')
      .option('-n, --namespace <namespace>', 'namespace of names without one (default: default)')
      .action(cli.run((names: readonly string[], flags: RemoveFlags) => remove(cli, names, flags)));
  },
};

async function list(cli: Cli, { output, namespace }: ListFlags): Promise<number> {
  const { listVolumes } = await import('../volumes/volumes.ts');
  const { formatVolumes } = await import('../volumes/format.ts');
  const volumes = await listVolumes(cli);
  if (!volumes.ok) return fail(cli.io, volumes.error);
  const shown = volumes.value.filter((volume) => namespace === undefined || volume.namespace === namespace);
  cli.io.out(await formatVolumes(shown, { output, now: cli.io.now() }));
  return EXIT.done;
}

async function remove(cli: Cli, names: readonly string[], { namespace }: RemoveFlags): Promise<number> {
  const volumes = names.map((name) => parseName(name, namespace));
  const bad = names.find((_, index) => volumes[index] === undefined);
  if (bad !== undefined) {
    return fail(cli.io, { exitCode: EXIT.usage, message: `"${bad}" is not a name or namespace/name of a volume` });
  }
  const { removeVolumes } = await import('../volumes/volumes.ts');
  const removed = await removeVolumes(
    cli,
    volumes.flatMap((volume) => volume ?? []),
  );
  if (!removed.ok) return fail(cli.io, removed.error);
  for (const name of removed.value) cli.io.out(`${name} removed\n`);
  return EXIT.done;
}

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function parseName(text: string, namespace = 'default'): ClaimName | undefined {
  const parts = text.split('/');
  const [first = '', second] = parts;
  const ref = second === undefined ? { namespace, name: first } : { namespace: first, name: second };
  return parts.length <= 2 && NAME.test(ref.namespace) && NAME.test(ref.name) ? ref : undefined;
}
