// Volumes as a table, JSON, YAML or names. Pure.
import { formatBytes } from '../../lib/bytes.ts';
import type { VolumeNote } from '../../ports/runner.ts';
import { formatJson, formatSince, formatTable, formatYaml } from '../output.ts';

export interface VolumeFormat {
  readonly output: 'table' | 'json' | 'yaml' | 'name';
  /** Wall clock, ms. */
  readonly now: number;
}

/** kubectl's abbreviations. */
const MODES: { readonly [mode: string]: string } = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

export async function formatVolumes(volumes: readonly VolumeNote[], how: VolumeFormat): Promise<string> {
  switch (how.output) {
    case 'json':
      return formatJson(volumes);
    case 'yaml':
      return formatYaml(volumes);
    case 'name':
      return volumes.map(({ namespace, name }) => `${namespace}/${name}\n`).join('');
    case 'table':
      return volumes.length === 0 ? 'There are no volumes\n' : table(volumes, how.now);
  }
}

function table(volumes: readonly VolumeNote[], now: number): string {
  const header = ['NAMESPACE', 'NAME', 'STATUS', 'REQUEST', 'USED', 'ACCESS MODES', 'AGE', 'PODS'];
  const rows = volumes.map((volume) => [
    volume.namespace,
    volume.name,
    volume.status,
    volume.storage ?? '',
    used(volume),
    (volume.accessModes ?? []).map((mode) => MODES[mode] ?? mode).join(','),
    volume.createdAt === undefined ? '' : formatSince(volume.createdAt, now),
    volume.pods.join(', '),
  ]);
  return formatTable(
    [header, ...rows].map((row) => row.map((text) => ({ text }))),
    { colour: false },
  );
}

function used({ usedBytes, usedIsComplete }: VolumeNote): string {
  if (usedBytes === undefined) return '';
  return `${usedIsComplete === false ? '>' : ''}${formatBytes(usedBytes)}`;
}
