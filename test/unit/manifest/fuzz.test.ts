// Decoder and validator under hostile text: pods that are bent in their structure, then in their text. Nothing may throw,
// hang for a second, grow the heap without bound, or reach other objects; and what is said must have a place.
// Seeded: FUZZ_SEED=n repeats a run, FUZZ_SECONDS=600 makes it a long one.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { parseAllDocuments, stringify } from 'yaml';
import { fields } from '../../../src/generated/validate.js';
import { loadManifest } from '../../../src/manifest/load.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 4);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
/** Of processor time, whatever else the machine does; in proportion for texts beyond the length that manifests have. */
const SLOW_MS = 1_000;
const USUAL_LENGTH = 100_000;
const HEAP_BYTES_MAX = 200 * 2 ** 20;
const MESSAGE_MAX = 2_000;
const OPTIONS = { file: 'f.yaml', location: '/f.yaml', source: 'file', nodeName: 'node' } as const;

const examples = path.join(import.meta.dirname, '../../../manifests');
const SEEDS: readonly unknown[] = readdirSync(examples)
  .filter((name) => /\.(ya?ml|json)$/.test(name))
  .flatMap((name) => parseAllDocuments(readFileSync(path.join(examples, name), 'utf8')).map((doc) => doc.toJS()));

/** Every field name there is, so that mutations put known names into wrong places. */
const NAMES = [...new Set(Object.values(fields).flatMap((of) => Object.keys(of)))];

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  2 ** 53,
  1e308,
  0.1,
  true,
  [],
  {},
  [null],
  [[[[]]]],
  'a'.repeat(300_000),
  '\u202e\u0000x',
  '$(A)$(B)$$(',
  '../../etc/passwd',
  '/'.repeat(5_000),
  '99999999999999999999999Gi',
  '${IMAGE}',
  { __proto__: null, constructor: { prototype: { polluted: 1 } } },
  { toString: 'x', hasOwnProperty: 'y', length: 1e9 },
];

const HOSTILE_TEXT: readonly string[] = [
  '&a ',
  '*a',
  '<<: *a\n',
  '<<: [*a, *a]\n',
  '{{ .X }}',
  '{% if %}',
  '\t',
  '!!binary ',
  '!!js/function ',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '|\n',
  '>-\n',
  '? ',
  '"',
  "'",
  '\\u0000',
  '\u2029',
  '\ufeff',
  '[[[[[[[[',
  '{a: {b: {c: ',
  '- - - - ',
  '__proto__: {polluted: 1}\n',
  '# ',
  '\r',
  '0o7',
  '.inf',
  '~',
];

const value = fc.oneof(
  fc.constantFrom(...HOSTILE_VALUES),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(...SEEDS),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

type Bend = { readonly at: readonly number[]; readonly how: number; readonly name: string; readonly value: unknown };
const bend: fc.Arbitrary<Bend> = fc.record({
  at: fc.array(fc.nat(40), { minLength: 1, maxLength: 9 }),
  how: fc.nat(5),
  name: fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 20 }), fc.constantFrom('__proto__', 'constructor')),
  value,
});

type Cut = { readonly from: number; readonly length: number; readonly text: string; readonly times: number };
const cut: fc.Arbitrary<Cut> = fc.record({
  from: fc.nat(4_000),
  length: fc.oneof({ weight: 4, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(500) }),
  text: fc.oneof(fc.constantFrom(...HOSTILE_TEXT), fc.string({ unit: 'binary', maxLength: 10 })),
  times: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(20_000) }),
});

/** Walks into the object by numbers and changes what it finds there. */
function applyBend(root: unknown, { at, how, name, value: replacement }: Bend): unknown {
  const [step = 0, ...rest] = at;
  if (typeof root !== 'object' || root === null) return how === 0 ? replacement : root;
  if (Array.isArray(root)) {
    const index = root.length === 0 ? 0 : step % root.length;
    if (rest.length > 0 && root.length > 0) return root.with(index, applyBend(root[index], bendAt(rest)));
    if (how === 1) return root.toSpliced(index, 1);
    if (how === 2) return Array.from({ length: 2 + (step % 50) }, () => root[index]);
    return [...root.slice(0, index), replacement, ...root.slice(index)];
  }
  const keys = Object.keys(root);
  const key = keys[keys.length === 0 ? 0 : step % keys.length];
  const entries = Object.entries(root);
  if (key === undefined) return { [name]: replacement };
  if (rest.length > 0)
    return Object.fromEntries(entries.map(([k, v]) => [k, k === key ? applyBend(v, bendAt(rest)) : v]));
  if (how === 1) return Object.fromEntries(entries.filter(([k]) => k !== key));
  if (how === 2) return Object.fromEntries(entries.map(([k, v]) => [k === key ? name : k, v]));
  if (how === 3) return Object.fromEntries([...entries, [name, replacement]]);
  return Object.fromEntries(entries.map(([k, v]) => [k, k === key ? replacement : v]));

  function bendAt(deeper: readonly number[]): Bend {
    return { at: deeper, how, name, value: replacement };
  }
}

function applyCut(text: string, { from, length, text: inserted, times }: Cut): string {
  const at = text.length === 0 ? 0 : from % text.length;
  return text.slice(0, at) + inserted.repeat(times) + text.slice(at + length);
}

const hostile = fc
  .record({
    seeds: fc.array(fc.constantFrom(...SEEDS), { minLength: 1, maxLength: 3 }),
    bends: fc.array(bend, { maxLength: 6 }),
    cuts: fc.array(cut, { maxLength: 4 }),
    form: fc.constantFrom('json', 'yaml', 'yaml11', 'list'),
  })
  .map(({ seeds, bends, cuts, form }) => {
    const bent = seeds.map((seed) => bends.reduce(applyBend, seed));
    const objects = form === 'list' ? [{ apiVersion: 'v1', kind: 'List', items: bent }] : bent;
    const version = form === 'yaml11' ? '1.1' : '1.2';
    const texts = objects.map((object) =>
      form === 'json' ? (JSON.stringify(object) ?? '') : stringify(object, { version, aliasDuplicateObjects: true }),
    );
    return cuts.reduce(applyCut, texts.join(form === 'json' ? '\n' : '---\n'));
  });

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What is really held: garbage that nobody needed to collect yet does not count. */
function heapInUse(): number {
  if (process.memoryUsage().heapUsed > HEAP_BYTES_MAX) collectGarbage();
  return process.memoryUsage().heapUsed;
}

function check(text: string): void {
  const before = process.cpuUsage();
  const loaded = loadManifest(text, { ...OPTIONS, mode: 'run' });
  const { user, system } = process.cpuUsage(before);
  const tookMs = (user + system) / 1_000;
  assert.ok(
    tookMs < SLOW_MS * Math.max(1, text.length / USUAL_LENGTH),
    `took ${Math.round(tookMs)} ms for ${text.length} characters`,
  );
  const lines = text.split('\n').length;
  for (const { line, column, message, severity, path: at, object = '' } of loaded.diagnostics) {
    assert.ok(line >= 1 && line <= lines && column >= 1, `place ${line}:${column} of ${lines} lines`);
    assert.ok(message !== '' && message.length <= MESSAGE_MAX, `message of ${message.length} characters`);
    assert.ok(at.length <= MESSAGE_MAX && object.length <= MESSAGE_MAX, 'names are clipped');
    assert.ok(severity === 'error' || severity === 'warning');
  }
  assert.ok(loaded.documents > 0 || loaded.diagnostics.length > 0, 'nothing is passed over in silence');
  assert.deepEqual(
    loadManifest(text, { ...OPTIONS, mode: 'run' }).pods.map(({ uid }) => uid),
    loaded.pods.map(({ uid }) => uid),
  );
  assert.equal(Reflect.get({}, 'polluted'), undefined, 'another object was reached');
  assert.ok(heapInUse() < HEAP_BYTES_MAX, 'the heap has grown beyond 200 MiB');
}

test(`no text makes decoder or validator throw, hang or grow (${SECONDS} s from seed ${SEED})`, (t) => {
  let runs = 0;
  fc.assert(
    fc.property(hostile, (text) => {
      runs += 1;
      check(text);
    }),
    { seed: SEED, numRuns: 10_000_000, interruptAfterTimeLimit: SECONDS * 1_000, markInterruptAsFailure: false },
  );
  t.diagnostic(`${runs} texts`);
});

const LARGE: readonly (readonly [name: string, text: string])[] = [
  ['a million dashes', '- '.repeat(1_000_000)],
  ['a million open brackets', '['.repeat(1_000_000)],
  ['a million quotes', '"'.repeat(1_000_000)],
  ['a million keys', Array.from({ length: 300_000 }, (_, i) => `k${i}: v`).join('\n')],
  ['one key many times', 'k: v\n'.repeat(300_000)],
  ['many documents', '---\na: 1\n'.repeat(100_000)],
  ['many anchors', Array.from({ length: 100_000 }, (_, i) => `k${i}: &a${i} x`).join('\n')],
  ['many aliases', `a: &a [x]\nb: [${'*a, '.repeat(200_000)}]`],
  [
    'merge keys in a chain',
    Array.from(
      { length: 2_000 },
      (_, i) => `k${i}: &m${i}\n  <<: ${i === 0 ? '{x: 1}' : `*m${i - 1}`}\n  y${i}: 1`,
    ).join('\n'),
  ],
  ['a line of nine megabytes', `a: ${'x'.repeat(9 * 2 ** 20)}`],
  [
    'many unknown fields in a pod',
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n${'  x: 1\n'.repeat(2_000)}`,
  ],
  [
    'many containers',
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n${'  - {name: a, imagge: b}\n'.repeat(20_000)}`,
  ],
];

/** Ten megabytes are the limit, and a parser needs its time for them; that it ends is what counts. */
const LARGE_MS = 20_000;

for (const [name, text] of LARGE) {
  test(`${name}: ${text.length} characters are read or refused`, (t) => {
    const startedAt = performance.now();
    const { diagnostics } = loadManifest(text, { ...OPTIONS, mode: 'run' });
    const tookMs = Math.round(performance.now() - startedAt);
    t.diagnostic(`${tookMs} ms`);
    assert.ok(tookMs < LARGE_MS, `${tookMs} ms`);
    assert.ok(diagnostics.length >= 1 && diagnostics.length <= 101);
  });
}
