// The variables of this device for verbs that read manifests themselves.
import type { Variables } from '../../manifest/variables.ts';
import type { Cli } from '../command.ts';
import { loadConfig } from '../settings.ts';

/** @returns undefined when the configuration gives none, or is not there: then manifests are checked as they stand */
export async function deviceVariables(cli: Cli): Promise<Variables | undefined> {
  const config = await loadConfig(cli);
  if (!config.ok) return undefined;
  const { manifestVariables } = config.value.values;
  if (manifestVariables.file === undefined && manifestVariables.environment.length === 0) return undefined;
  const { readVariables } = await import('../../daemon/manifestVariables.ts');
  const read = await readVariables(manifestVariables, cli.io.env);
  if (!read.ok) cli.io.err(`warning: ${read.error}\n`);
  return read.ok ? read.value : undefined;
}
