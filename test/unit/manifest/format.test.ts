import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../../src/manifest/diagnostic.ts';
import { formatDiagnostic } from '../../../src/manifest/format.ts';

const SOURCE = 'kind: Pod\n\tspec: \u001b[0m5\nlast';
const BASE: Diagnostic = {
  severity: 'error',
  code: 'Invalid',
  file: 'web.yaml',
  document: 1,
  line: 2,
  column: 8,
  object: 'Pod/web',
  path: 'spec',
  message: 'must be a mapping',
};

function format(changes: Partial<Diagnostic>, source?: string): string {
  return formatDiagnostic({ ...BASE, ...changes }, { colour: false, ...(source === undefined ? {} : { source }) });
}

test('one line says where, what and why', () => {
  assert.equal(format({}), 'web.yaml:2:8: Pod/web: spec: must be a mapping\n');
  assert.equal(
    format({ suggestion: 'specs' }),
    'web.yaml:2:8: Pod/web: spec: must be a mapping, did you mean "specs"?\n',
  );
  assert.equal(format({ severity: 'warning', path: '' }), 'web.yaml:2:8: warning: Pod/web: must be a mapping\n');
});

test('the line of the manifest has a caret under the place, and no control characters', () => {
  assert.equal(
    format({}, SOURCE),
    'web.yaml:2:8: Pod/web: spec: must be a mapping\n  2 |  spec:  [0m5\n    |        ^\n',
  );
});

test('a long line is cut around the place', () => {
  const [, excerpt = '', caret = ''] = format(
    { line: 1, column: 500 },
    'x'.repeat(499) + 'HERE'.padEnd(300, 'y'),
  ).split('\n');
  assert.equal(excerpt.length < 120, true);
  assert.equal(excerpt.slice(caret.indexOf('^'), caret.indexOf('^') + 4), 'HERE');
});

test('control characters in names and messages are spelled out', () => {
  assert.equal(
    format({ object: 'Pod/\u001b[31m', message: 'a\nb\u202e' }),
    'web.yaml:2:8: Pod/\\u001b[31m: spec: a\\u000ab\\u202e\n',
  );
});

const SECRET = 'kind: Secret\ndata: {a: c2VjcmV0}\n';
const HIDDEN: readonly (readonly [string, Partial<Diagnostic>, string])[] = [
  ['data of a Secret', { object: 'Secret/s', path: 'data[a]' }, SECRET],
  ['a broken file with a Secret', { object: '', path: '' }, `{"kind": "Secret"\n${SECRET}`],
  ['an environment variable', { path: 'spec.containers[0].env[0].value' }, 'a\n  value: 5\n'],
  ['text that is none', { code: 'Encoding' }, '\u0000\n\u0001\u0001'],
];

for (const [title, changes, source] of HIDDEN) {
  test(`${title} is not shown`, () => {
    const { object, ...rest } = { ...BASE, ...changes };
    const diagnostic = object === '' ? rest : { ...rest, object: object ?? '' };
    assert.equal(formatDiagnostic(diagnostic, { colour: false, source }).split('\n').length, 2);
  });
}

test('colour is only added around the text', () => {
  const coloured = formatDiagnostic(BASE, { colour: true, source: 'kind: Pod\nspec: 5\n' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  assert.equal(coloured.replaceAll(/\u001b\[\d+m/g, ''), format({}, 'kind: Pod\nspec: 5\n'));
  assert.notEqual(coloured, format({}, 'kind: Pod\nspec: 5\n'));
});
