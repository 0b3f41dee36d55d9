import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { decode } from '../../../src/manifest/decode.ts';

function dataOf(text: string): unknown[] {
  return decode(text).map(({ data }) => data);
}

function messagesOf(text: string): string[] {
  return decode(text).flatMap(({ findings }) => findings.map(({ code, message }) => `${code}: ${message}`));
}

/** What no manifest may hold is left out: such a key, and integers that a number cannot hold. */
function onlyReadable(key: string, member: unknown): unknown {
  if (key === '__proto__') return undefined;
  return Number.isInteger(member) && !Number.isSafeInteger(member) ? 0 : member;
}

test('JSON reads as YAML does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value, onlyReadable));
      const expected = plain === null ? [] : [plain];
      assert.deepEqual(dataOf(JSON.stringify(plain, undefined, 1)), expected);
      // Texts in quotes: the writer leaves some bare that Kubernetes reads as numbers, such as 0X0.
      const quoted = stringify(plain, {
        version: '1.1',
        defaultStringType: 'QUOTE_DOUBLE',
        defaultKeyType: 'QUOTE_DOUBLE',
      });
      assert.deepEqual(dataOf(quoted), expected);
    }),
    { numRuns: 200, seed: 1_538_627_609 },
  );
});

test('documents are numbered as they stand, and empty ones are left out', () => {
  const documents = decode('---\n# nothing\n---\na: 1\n---\n---\nb: 2\n');
  assert.deepEqual(
    documents.map(({ number, data }) => [number, data]),
    [
      [2, { a: 1 }],
      [4, { b: 2 }],
    ],
  );
});

test("the Go reader's \\' in double quotes is an apostrophe, and no other text changes", () => {
  assert.deepEqual(dataOf(`a: "it\\'s"\nb: 'don''t'\nc: "x\\\\'y"\n`), [{ a: "it's", b: "don't", c: "x\\'y" }]);
});

test('explicit tags say what a scalar is', () => {
  assert.deepEqual(dataOf('[!!str 5, !!int "5", "5", ! 5]'), [['5', 5, '5', '5']]);
});

test('keys are the text that stands there', () => {
  assert.deepEqual(dataOf('{1: a, yes: b, 0x10: c, null: d}'), [{ 1: 'a', yes: 'b', '0x10': 'c', null: 'd' }]);
});

test('own keys win over merged ones, and the first merged over later ones', () => {
  const text = 'a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], y: 3}\n';
  assert.deepEqual(dataOf(text), [{ a: { x: 1, y: 1 }, b: { x: 2, z: 2 }, c: { y: 3, x: 1, z: 2 } }]);
});

test('an alias is the value of the last anchor before it', () => {
  assert.deepEqual(dataOf('[&a 1, *a, &a 2, *a]'), [[1, 1, 2, 2]]);
});

test('an alias cannot stand inside what it refers to', () => {
  assert.deepEqual(messagesOf('a: &a [*a]'), ['Syntax: alias "a" stands inside what it refers to']);
});

test('a merge key needs a mapping', () => {
  assert.deepEqual(messagesOf('a: {<<: 5}'), ['Syntax: a merge key "<<" needs a mapping or a list of mappings']);
});

test('a duplicate key names the line of the first', () => {
  assert.deepEqual(messagesOf('x: 1\na: {b: 1,\n b: 2}'), ['Duplicate: duplicate key "b", first at line 2']);
});

test('templates are told from broken text', () => {
  const texts = ['a: {{ x }}', 'a: b\n{% if c %}\nd: [\n', 'a: %{X}%', `a: [b\n\${VAR}\n`, 'a: "{{ x }}"'];
  assert.deepEqual(
    texts.map((text) => messagesOf(text).map((message) => message.split(':')[0])),
    [['Template'], ['Template'], ['Template'], ['Template'], []],
  );
});

test('nesting is limited where it stands', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  assert.deepEqual(messagesOf(nested(100)), []);
  assert.deepEqual(messagesOf(nested(101)), ['Syntax: nesting is too deep: at most 100 levels']);
});

test('hostile text ends in findings, soon', { timeout: 20_000 }, () => {
  const hostile = [
    '['.repeat(1e6),
    '- '.repeat(5e5),
    '? '.repeat(5e5),
    Array.from({ length: 20_000 }, (_, index) => `k${index}: &a${index} x`).join('\n'),
    `a: &a [x]\nb: [${'*a, '.repeat(2000)}]`,
    `${'a'.repeat(1e6)}: b`,
    '%'.repeat(1e5),
    '&'.repeat(1e5),
  ];
  for (const text of hostile) assert.equal(decode(text).length <= 1, true);
});

test('no text makes the decoder throw', () => {
  const fragment = fc.constantFrom(
    'a: ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&x ',
    '*x',
    '\n',
    '  ',
    '|',
    '!!t ',
    '<<: ',
    '{{',
    ',',
  );
  fc.assert(fc.property(fc.array(fragment, { maxLength: 40 }), (parts) => void decode(parts.join(''))));
});
