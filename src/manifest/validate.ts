// Checks an object against the schema of its kind and says in words what does not fit. Pure.
// The validators are generated from schemas/ by src/build/ajv.ts.
import {
  fields,
  required,
  type SchemaError,
  type Validator,
  validateConfigMap,
  validatePersistentVolumeClaim,
  validatePod,
  validateSecret,
} from '../generated/validate.js';
import { own } from '../lib/own.ts';
import type { Finding, Path, Report } from './finding.ts';
import { FORMATS } from './formats.ts';
import { parsePointer, valueAt } from './path.ts';
import { type Misfit, withoutMisfits } from './prune.ts';
import { hintForField, nearest } from './suggest.ts';

export type SchemaKind = 'Pod' | 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim';

const VALIDATORS = {
  Pod: validatePod,
  ConfigMap: validateConfigMap,
  Secret: validateSecret,
  PersistentVolumeClaim: validatePersistentVolumeClaim,
} as const satisfies Record<SchemaKind, Validator>;

/** Characters of a value that a message may repeat. */
const SHOWN_MAX = 60;

/** Findings about one object that are worked out. */
export const FINDINGS_MAX = 1000;

export interface SchemaVerdict {
  /** The object without optional fields that are empty text, which says as little as leaving them out. */
  readonly value: unknown;
  /** The same without values of the wrong type: later rules look at this. */
  readonly typed: unknown;
}

/** Reports everything that the schema refuses. */
export function checkSchema(kind: SchemaKind, data: unknown, report: Report): SchemaVerdict {
  const validate: Validator = VALIDATORS[kind];
  if (validate(data)) return { value: data, typed: data };
  const unset: Misfit[] = [];
  const mistyped: Misfit[] = [];
  const reported = new Set<string>();
  for (const error of validate.errors ?? []) {
    const path = parsePointer(error.instancePath, data);
    if (isUnset(error, { kind, data }, path)) {
      unset.push({ path, wanted: '' });
      continue;
    }
    if (error.keyword === 'type') mistyped.push({ path, wanted: wantedTypes(error)[0] ?? '' });
    // Nobody reads that many, and telling what was meant costs time.
    if (reported.size >= FINDINGS_MAX) continue;
    const finding = toFinding(error, { kind, data }, path);
    const key = `${finding.code} ${finding.path.join('/')}`;
    if (reported.has(key)) continue;
    reported.add(key);
    report.add(finding);
  }
  const value = withoutMisfits(data, unset);
  return { value, typed: withoutMisfits(value, mistyped) };
}

/** Empty text in a field that may be missing, refused only because it has no meaning. */
function isUnset(error: SchemaError, { kind, data }: Subject, path: Path): boolean {
  if (!['enum', 'format', 'minLength'].includes(error.keyword) || valueAt(data, path) !== '') return false;
  const field = path.at(-1);
  const definition = definitionAt(kind, path.slice(0, -1));
  if (typeof field !== 'string' || own(own(fields, definition), field) === undefined) return false;
  return own(required, definition)?.includes(field) !== true;
}

interface Subject {
  readonly kind: SchemaKind;
  readonly data: unknown;
}

function toFinding(error: SchemaError, subject: Subject, path: Path): Finding {
  const value = valueAt(subject.data, path);
  const shown = isSecret(subject.kind, path) ? undefined : value;
  const fault = describe(error, {
    value,
    shown,
    definition: definitionAt(subject.kind, path),
    required: path.at(-1) === 'containerPort',
  });
  return {
    severity: 'error',
    at: 'value',
    ...fault,
    path: fault.field === undefined ? path : [...path, fault.field],
  };
}

/** Name of the definition that the value at a path is checked against. */
function definitionAt(kind: SchemaKind, path: Path): string {
  let definition: string = kind;
  for (const segment of path) {
    if (typeof segment === 'string') definition = (own(own(fields, definition), segment) ?? '').replace('[]', '');
  }
  return definition;
}

interface Fault {
  readonly code: Finding['code'];
  readonly message: string;
  readonly at?: 'key';
  /** Set when the finding is about a member of the value. */
  readonly field?: string;
  readonly suggestion?: string;
}

interface About {
  readonly value: unknown;
  /** The value again, undefined when a message must not repeat it. */
  readonly shown: unknown;
  /** Of the value. */
  readonly definition: string;
  /** A number that must be given, for which 0 means that it was not. */
  readonly required: boolean;
}

function describe(error: SchemaError, about: About): Fault {
  const { params } = error;
  const { value, shown } = about;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(about.definition, String(params['additionalProperty']));
    case 'required':
      return { code: 'Required', message: 'required field is missing', field: String(params['missingProperty']) };
    case 'type':
      return { code: 'TypeInvalid', message: wrongType(wantedTypes(error), value, shown) };
    case 'enum':
      return notSupported([params['allowedValues']].flat().map(String), value);
    case 'minimum':
      return {
        code: value === 0 && about.required ? 'Required' : 'Invalid',
        message: `must be at least ${params['limit']}, got ${value}`,
      };
    case 'maximum':
      return { code: 'Invalid', message: `must be at most ${params['limit']}, got ${value}` };
    case 'minLength':
    case 'minItems':
      return { code: 'Required', message: 'must not be empty' };
    case 'maxLength':
      return { code: 'TooLong', message: `must have no more than ${params['limit']} characters` };
    case 'maxItems':
      return { code: 'TooMany', message: `must have no more than ${params['limit']} items` };
    case 'format':
      if (value === '') return { code: 'Required', message: 'must not be empty' };
      return { code: 'Invalid', message: formatRule(String(params['format'])) + got(shown) };
    default:
      return { code: 'Invalid', message: `does not fit the schema (${error.keyword})` };
  }
}

function unknownField(definition: string, field: string): Fault {
  const { suggestion, advice } = hintForField(definition, field);
  const message = advice === undefined ? 'unknown field' : `unknown field: ${advice}`;
  const fault: Fault = { code: 'UnknownField', message, at: 'key', field };
  return suggestion === undefined ? fault : { ...fault, suggestion };
}

function notSupported(allowed: readonly string[], value: unknown): Fault {
  const list = allowed.map((word) => JSON.stringify(word)).join(', ');
  if (value === '') return { code: 'NotSupported', message: `must not be empty; supported are ${list}` };
  const message = allowed.length > 10 ? `unsupported value${got(value)}` : `must be one of ${list}${got(value)}`;
  const suggestion = typeof value === 'string' ? nearest(value, allowed) : undefined;
  return suggestion === undefined ? { code: 'NotSupported', message } : { code: 'NotSupported', message, suggestion };
}

const TYPE_NAMES: { readonly [type: string]: string } = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

function wantedTypes(error: SchemaError): string[] {
  return [error.params['type']].flat().map(String);
}

function wrongType(wanted: readonly string[], value: unknown, shown: unknown): string {
  const [first = ''] = wanted;
  const expectation = wanted.map((type) => TYPE_NAMES[type] ?? type).join(' or ');
  return `must be ${expectation}, got ${typeName(value, shown)}${remedy(first, value, shown)}`;
}

function remedy(wanted: string, value: unknown, shown: unknown): string {
  if (wanted === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return shown === undefined ? ': put it in quotes' : `: put it in quotes, "${String(shown)}"`;
  }
  if (typeof value === 'string' && (wanted === 'integer' || wanted === 'number') && /^-?\d+$/.test(value)) {
    return ': remove the quotes';
  }
  if (wanted === 'boolean' && (value === 'true' || value === 'false')) return ': remove the quotes';
  if (wanted === 'array' && typeof value === 'string') return ': write one item per line after "-", or [a, b]';
  if (wanted === 'array' && typeof value === 'object' && value !== null) return ': begin each item with "-"';
  return '';
}

function typeName(value: unknown, shown: unknown): string {
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number')
    return Number.isInteger(value) || shown === undefined ? 'a number' : `the number ${value}`;
  return `a ${typeof value}`;
}

function formatRule(name: string): string {
  return Object.entries(FORMATS).find(([known]) => known === name)?.[1].rule ?? `must have the format ${name}`;
}

/** ", got …" with the value, shortened; nothing for values that must not be repeated. */
export function got(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? '' : `, got ${JSON.stringify(value)}`;
  return `, got ${JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value)}`;
}

/** Values that are never repeated in a message: data of Secrets, and literal environment variables. */
function isSecret(kind: SchemaKind, path: Path): boolean {
  if (kind === 'Secret') return path[0] === 'data' || path[0] === 'stringData';
  return path.at(-1) === 'value' && path.at(-3) === 'env';
}
