// Values of flags and environment variables, which are text, as the file would spell them. Pure.
import { nearest } from '../../manifest/suggest.ts';
import { CONFIG_OPTIONS, type ConfigOption } from './options.ts';
import type { ConfigProblem } from './problem.ts';

const PREFIX = 'SOLOPOD_';

/** Text that is no value of the type stays text, for the check to refuse. */
export function decodeText({ type }: ConfigOption, text: string): unknown {
  switch (type) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'array':
      return text.split(',').map((entry) => entry.trim());
    case 'string':
    case 'object':
      return text;
  }
}

/** A warning for every variable that looks like ours and is not. */
export function unknownVariables(env: { readonly [name: string]: string | undefined }): ConfigProblem[] {
  const known = CONFIG_OPTIONS.flatMap((option) => option.env);
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  return unknown.sort().map((name) => {
    const problem = { origin: `environment ${name}`, key: '', message: 'is not a variable that solopod knows' };
    const suggestion = nearest(name, known);
    return suggestion === undefined ? problem : { ...problem, suggestion };
  });
}
