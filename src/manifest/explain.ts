// What can be said about a field of a pod: its type, its meaning, what solopod makes of it, and what is below it. Pure.
// Types come from the schemas, so that nothing here can disagree with validation.
import kubernetes from '../../schemas/kubernetes.schema.json' with { type: 'json' };
import overlay from '../../schemas/overlay.json' with { type: 'json' };
import { fields, required } from '../generated/validate.js';
import { err, ok, type Result } from '../lib/result.ts';
import { FIELD_MEANING } from './fieldMeaning.ts';
import { FIELD_SUPPORT, type FieldSupport } from './fieldSupport.ts';
import { nearest } from './suggest.ts';

export interface Explanation {
  /** "pod.spec.containers". */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string | undefined;
  /** Values that are allowed, when they are few. */
  readonly allowed: readonly string[];
  readonly support: string;
  readonly members: readonly ExplainedField[];
}

export interface ExplainedField {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string | undefined;
  readonly support: string;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const HONOURED = 'honoured';

/** @param text "spec.containers.livenessProbe", with or without "pod." before and "[0]" in between */
export function explain(text: string): Result<Explanation, string> {
  const names = text
    .replace(/\[\d*\]/g, '')
    .split('.')
    .filter((name) => name !== '');
  if (names[0]?.toLowerCase() === 'pod' || names[0]?.toLowerCase() === 'pods') names.shift();
  let at: ExplainedField & { readonly definition: string } = {
    name: 'pod',
    type: 'Object',
    isRequired: true,
    meaning: 'containers that run together on one machine',
    support: HONOURED,
    definition: 'Pod',
  };
  const path = ['pod'];
  for (const name of names) {
    const known = fields[at.definition];
    if (known === undefined || Object.keys(known).length === 0) return err(`${path.join('.')} has no fields`);
    if (!Object.hasOwn(known, name)) {
      const near = nearest(name, Object.keys(known));
      return err(`${path.join('.')} has no field "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`);
    }
    const { definition, support } = at;
    const field = describe(definition, name);
    // What is below a refused field is refused with it.
    at = { ...field, support: support === HONOURED ? field.support : support, definition: targetOf(definition, name) };
    path.push(name);
  }
  const { definition, name: _, ...facts } = at;
  const members = Object.keys(fields[definition] ?? {}).map((name) => describe(definition, name));
  return ok({ ...facts, path: path.join('.'), allowed: allowedAt(path.slice(1)), members });
}

function describe(definition: string, name: string): ExplainedField {
  return {
    name,
    type: typeName(schemaOf(definition, name)),
    isRequired: required[definition]?.includes(name) === true,
    meaning: FIELD_MEANING[definition]?.[name],
    support: supportText(FIELD_SUPPORT[definition]?.[name]),
  };
}

function targetOf(definition: string, name: string): string {
  return (fields[definition]?.[name] ?? '').replace('[]', '');
}

function supportText(support: FieldSupport | undefined): string {
  if (support === undefined || support === 'honoured') return HONOURED;
  return 'ignored' in support ? `ignored: ${support.ignored}` : `refused: ${support.refused}`;
}

type Definitions = { readonly [name: string]: { readonly properties?: { readonly [name: string]: Schema } } };

function schemaOf(definition: string, name: string): Schema {
  const layers = [kubernetes.definitions, overlay.definitions] as unknown as readonly Definitions[];
  const [base, more] = layers.map((definitions) => definitions[definition]?.properties?.[name]);
  return { ...base, ...more };
}

function allowedAt(path: readonly string[]): readonly string[] {
  let definition = 'Pod';
  for (const name of path.slice(0, -1)) definition = targetOf(definition, name);
  const schema = schemaOf(definition, path.at(-1) ?? '');
  return schema.enum ?? schema.items?.enum ?? [];
}

function typeName({ type, $ref, format, items, additionalProperties }: Schema): string {
  if ($ref !== undefined) return $ref.replace(/^.*\//, '');
  if (type === 'array') return `[]${typeName(items ?? {})}`;
  if (type === 'object' && typeof additionalProperties === 'object')
    return `map[string]${typeName(additionalProperties)}`;
  if (type === 'integer' || type === 'number') return format === undefined ? type : `${type} (${format})`;
  return type === undefined ? (format ?? 'any') : [type].flat().join(' or ');
}
