// The variables that this device gives to manifests: from a file of NAME=value lines, and from environment variables
// that the configuration names. Nothing else of the environment gets into a manifest.
import { readFile } from 'node:fs/promises';
import { err, ok, type Result } from '../lib/result.ts';
import { isVariableName, type Variables } from '../manifest/variables.ts';

export interface VariableSources {
  readonly file: string | undefined;
  /** Names; the file wins. */
  readonly environment: readonly string[];
}

const FILE_CHARACTERS_MAX = 1024 * 1024;

/** The error is a sentence without any value. */
export async function readVariables(
  { file, environment }: VariableSources,
  env: { readonly [name: string]: string | undefined },
): Promise<Result<Variables, string>> {
  const given = environment.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  if (file === undefined) return ok(Object.fromEntries(given));
  try {
    const lines = parseVariables(await readFile(file, 'utf8'));
    return lines.ok ? ok({ ...Object.fromEntries(given), ...lines.value }) : err(`${file}:${lines.error}`);
  } catch (error) {
    return err(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}

/** Lines of NAME=value; empty ones and those that begin with # count for nothing. Values stand as they are. */
export function parseVariables(text: string): Result<Variables, string> {
  if (text.length > FILE_CHARACTERS_MAX) return err(`1: must be at most ${FILE_CHARACTERS_MAX} characters`);
  const variables: { [name: string]: string } = {};
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const equals = line.indexOf('=');
    const name = line.slice(0, equals).trim();
    if (equals < 0 || !isVariableName(name)) return err(`${index + 1}: must be NAME=value`);
    if (Object.hasOwn(variables, name)) return err(`${index + 1}: ${name} is there twice`);
    variables[name] = line.slice(equals + 1);
  }
  return ok(variables);
}
