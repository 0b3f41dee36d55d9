// How a row of the bad-input census is written down and checked: a manifest, and every finding it must give.
// Objects are checked as JSON and as YAML, because both forms must get the same verdict.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { DiagnosticCode } from '../../../../src/manifest/diagnostic.ts';
import { loadManifest } from '../../../../src/manifest/load.ts';

/** "path Code": the error class at a place. Warnings begin with "~". */
export type Expected = `${string}${DiagnosticCode}`;

export interface Row {
  /** Number in the census; several inputs may share one. */
  readonly row: number;
  readonly title: string;
  readonly input: unknown;
  /** Every error; none means that the input must be accepted. Warnings are compared only when some are expected. */
  readonly expected: readonly Expected[];
  readonly mode?: 'run' | 'validate';
}

const OPTIONS = { file: 'pod.yaml', location: '/pod.yaml', source: 'file', nodeName: 'node' } as const;

export function checkRows(rows: readonly Row[]): void {
  for (const { row, title, input, expected, mode = 'validate' } of rows) {
    for (const [form, text] of formsOf(input)) {
      test(`${row} ${title}${form}`, () => assert.deepEqual(findingsOf(text, mode, expected), expected));
    }
  }
}

function formsOf(input: unknown): [string, string | Uint8Array][] {
  if (typeof input === 'string' || input instanceof Uint8Array) return [['', input]];
  return [
    [' (JSON)', JSON.stringify(input)],
    [' (YAML)', stringify(input, { version: '1.1' })],
  ];
}

function findingsOf(text: string | Uint8Array, mode: 'run' | 'validate', expected: readonly string[]): string[] {
  const wantsWarnings = expected.some((finding) => finding.startsWith('~'));
  return loadManifest(text, { ...OPTIONS, mode })
    .diagnostics.filter(({ severity }) => severity === 'error' || wantsWarnings)
    .map(({ severity, path, code }) => `${severity === 'warning' ? '~' : ''}${path}${path === '' ? '' : ' '}${code}`)
    .sort();
}

type Fields = { readonly [field: string]: unknown };

/** A valid pod with other spec fields. */
export function pod(spec: Fields = {}, metadata: Fields = {}): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', ...metadata },
    spec: { containers: [{ name: 'app', image: 'nginx:1' }], ...spec },
  };
}

/** A valid pod whose only container has other fields. */
export function container(fields: Fields, spec: Fields = {}): Fields {
  return pod({ ...spec, containers: [{ name: 'app', image: 'nginx:1', ...fields }] });
}

/** A valid pod with one volume "data" of the given type. */
export function volume(source: Fields, spec: Fields = {}): Fields {
  return pod({ ...spec, volumes: [{ name: 'data', ...source }] });
}
