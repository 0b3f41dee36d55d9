// The options as a flat list, read from schemas/config.schema.json, which is the only place where they are written.
// Flags, environment, file, --help, `config view` and the checks all come from it.
import schema from '../../../schemas/config.schema.json' with { type: 'json' };
import { invariant } from '../../lib/assert.ts';

export interface ConfigOption {
  /** "crashLoopBackOff.maxContainerRestartPeriod". */
  readonly key: string;
  readonly path: readonly string[];
  readonly description: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'array' | 'object';
  readonly unit: 'path' | 'duration' | undefined;
  /** Format of the text, or of every text in a list or mapping. */
  readonly format: string | undefined;
  /** The default as the file would spell it; undefined where it depends on the machine or on other keys. */
  readonly default: unknown;
  /** The default in words. */
  readonly defaultText: string;
  /** Durations. */
  readonly minimum: string | undefined;
  readonly maximum: string | undefined;
  /** Long name without dashes: "manifest-dir". */
  readonly flag: string | undefined;
  /** Name of the flag's value for help: "DIR". */
  readonly valueName: string;
  /** Environment variables; the first that is set counts. */
  readonly env: readonly string[];
}

/** A property of the schema; the keywords that solopod adds begin with x-. */
interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: { readonly [name: string]: Property };
  readonly items?: Property;
  readonly additionalProperties?: Property | boolean;
  readonly 'x-flag'?: string;
  readonly 'x-value'?: string;
  readonly 'x-env'?: readonly string[];
  readonly 'x-unit'?: string;
  readonly 'x-default'?: string;
  readonly 'x-minimum'?: string;
  readonly 'x-maximum'?: string;
}

export const CONFIG_OPTIONS: readonly ConfigOption[] = flatten(schema.properties as Properties, []);

type Properties = { readonly [name: string]: Property };

/** The option of this key, which must exist. */
export function optionOf(key: string): ConfigOption {
  const option = CONFIG_OPTIONS.find((candidate) => candidate.key === key);
  invariant(option !== undefined, `Option ${key} exists`);
  return option;
}

function flatten(properties: Properties, parents: readonly string[]): ConfigOption[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = [...parents, name];
    return property.properties === undefined ? [decode(property, path)] : flatten(property.properties, path);
  });
}

function decode(property: Property, path: readonly string[]): ConfigOption {
  return {
    key: path.join('.'),
    path,
    description: property.description ?? '',
    type: (property.type ?? 'string') as ConfigOption['type'],
    unit: property['x-unit'] as ConfigOption['unit'],
    format: formatOf(property),
    default: property.default,
    defaultText: property['x-default'] ?? inWords(property.default),
    minimum: property['x-minimum'],
    maximum: property['x-maximum'],
    flag: property['x-flag'],
    valueName: property['x-value'] ?? 'VALUE',
    env: property['x-env'] ?? [],
  };
}

function formatOf({ format, items, additionalProperties }: Property): string | undefined {
  const members = items ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return format ?? (members === undefined ? undefined : formatOf(members));
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'none' : value;
  const text = JSON.stringify(value);
  return text === '[]' || text === '{}' ? 'none' : text;
}
