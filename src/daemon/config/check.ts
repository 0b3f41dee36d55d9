// Checks the keys of one layer (file, environment or flags) against the schema and the formats, and says what is wrong
// in words: every problem at once, unknown keys with the nearest known one.
import { type SchemaError, validateConfig } from '../../generated/validateConfig.js';
import { nearest } from '../../manifest/suggest.ts';
import { CONFIG_FORMATS, checkBounds } from './formats.ts';
import { CONFIG_OPTIONS, type ConfigOption } from './options.ts';
import type { ConfigProblem } from './problem.ts';

/** @param origin where a key was said, given its path */
export function checkLayer(data: unknown, origin: (path: readonly string[]) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report = (path: readonly string[], message: string, suggestion?: string): void => {
    const problem = { origin: origin(path), key: path.join('.'), message };
    problems.push(suggestion === undefined ? problem : { ...problem, suggestion });
  };
  if (!validateConfig(data)) {
    for (const error of validateConfig.errors ?? []) {
      const path = error.instancePath.split('/').slice(1).map(unescapePointer);
      if (error.keyword === 'propertyNames') continue;
      const { at, message, suggestion } = explain(error, path, data);
      report(at, message, suggestion);
    }
  }
  for (const option of CONFIG_OPTIONS) {
    for (const { path, text } of textsOf(option, valueAt(data, option.path))) {
      const message = CONFIG_FORMATS[option.format ?? '']?.(text) ?? checkBounds(text, option);
      if (message !== undefined) report(path, message);
    }
  }
  return problems;
}

/** The value at a path, undefined when there is none. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as { readonly [key: string]: unknown })[name];
  }, data);
}

function explain(error: SchemaError, path: readonly string[], data: unknown) {
  const { keyword, params } = error;
  const said = JSON.stringify(valueAt(data, path));
  const plain = (message: string) => ({ at: path, message, suggestion: undefined });
  switch (keyword) {
    case 'additionalProperties': {
      const unknown = String(params['additionalProperty']);
      return { at: [...path, unknown], message: 'unknown key', suggestion: nearest(unknown, namesBelow(path)) };
    }
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly string[]).join(', ');
      const suggestion = nearest(String(valueAt(data, path)), params['allowedValues'] as readonly string[]);
      return { at: path, message: `must be one of ${allowed}, is ${said}`, suggestion };
    }
    case 'type':
      return plain(`must be ${TYPE_WORDS[String(params['type'])] ?? params['type']}, is ${said ?? 'nothing'}`);
    case 'minLength':
      return plain('must not be empty');
    case 'minimum':
      return plain(`must be at least ${params['limit']}, is ${said}`);
    case 'maximum':
      return plain(`must be at most ${params['limit']}, is ${said}`);
    case 'maxItems':
      return plain(`must have at most ${params['limit']} entries`);
    case 'pattern':
      return plain('has a name that is no HTTP header name');
    default:
      return plain(`is not allowed (${keyword})`);
  }
}

const TYPE_WORDS: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

function namesBelow(path: readonly string[]): string[] {
  const below = CONFIG_OPTIONS.filter((option) => path.every((name, index) => option.path[index] === name));
  return [...new Set(below.map((option) => option.path[path.length] ?? ''))];
}

/** The texts in a value, each with the path of the entry that it belongs to. */
function textsOf(option: ConfigOption, value: unknown): { readonly path: readonly string[]; readonly text: string }[] {
  if (typeof value === 'string') return [{ path: option.path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const path = [...option.path, name];
    const texts: readonly unknown[] = Array.isArray(member) ? member : [member];
    return texts.filter((text) => typeof text === 'string').map((text) => ({ path, text }));
  });
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
