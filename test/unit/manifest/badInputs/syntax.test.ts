// Census rows 1-31: text that is no YAML or JSON, or hostile, and text that must be read all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadManifest } from '../../../../src/manifest/load.ts';
import { checkRows, pod } from './census.ts';

const HEAD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n';
const POD = `${HEAD}spec:\n  containers:\n  - name: app\n    image: nginx:1\n`;
const OPTIONS = {
  file: 'pod.yaml',
  location: '/pod.yaml',
  source: 'file',
  nodeName: 'node',
  mode: 'validate',
} as const;

function utf16(text: string): Uint8Array {
  return new Uint8Array([0xff, 0xfe, ...Buffer.from(text, 'utf16le')]);
}

function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => [...Buffer.from(typeof part === 'string' ? part : Uint8Array.from(part))]),
  );
}

function aliasBomb(levels: number): string {
  const lines = Array.from({ length: levels }, (_, level) => {
    const item = level === 0 ? 'x' : `*a${level - 1}`;
    return `k${level}: &a${level} [${Array(10).fill(item).join(', ')}]`;
  });
  return lines.join('\n');
}

checkRows([
  { row: 1, title: 'tab used for indentation', input: `${HEAD}spec:\n\tcontainers: []\n`, expected: ['Syntax'] },
  {
    row: 2,
    title: 'unclosed quote',
    input: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: "web\n',
    expected: ['Syntax'],
  },
  { row: 3, title: 'unclosed flow list', input: `${POD}    ports: [80, 81\n`, expected: ['Syntax'] },
  { row: 4, title: 'key indented wrongly under a list item', input: `${POD}     args: [a]\n`, expected: ['Syntax'] },
  {
    row: 5,
    title: 'one key twice in a container',
    input: `${POD}    image: nginx:2\n`,
    expected: ['spec.containers[0].image Duplicate'],
  },
  {
    row: 6,
    title: 'one key twice in JSON',
    input:
      '{"apiVersion":"v1","kind":"Pod","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a","image":"b"}]}}',
    expected: ['kind Duplicate'],
  },
  {
    row: 7,
    title: 'merge keys are expanded',
    input: `${POD}    <<: &base {imagePullPolicy: Never}\n  - {<<: *base, name: b, image: c}\n`,
    expected: [],
  },
  {
    row: 7,
    title: 'a merge key brings no __proto__',
    input: `${POD}    <<: {__proto__: {privileged: true}}\n`,
    expected: ['spec.containers[0].<<.__proto__ UnknownField'],
  },
  {
    row: 8,
    title: 'alias without anchor',
    input: `${POD}    args: *nothing\n`,
    expected: ['spec.containers[0].args Syntax'],
  },
  {
    row: 9,
    title: 'tag of a function',
    input: `${POD}    args: !!js/function "x"\n`,
    expected: ['spec.containers[0].args Syntax'],
  },
  {
    row: 9,
    title: 'tag of a Python object',
    input: `${POD}    args: !!python/object:os.system [x]\n`,
    expected: ['spec.containers[0].args Syntax'],
  },
  {
    row: 9,
    title: 'unknown tag',
    input: `${POD}    workingDir: !foo /\n`,
    expected: ['spec.containers[0].workingDir Syntax'],
  },
  {
    row: 10,
    title: 'binary tag',
    input: `${POD}    workingDir: !!binary aGk=\n`,
    expected: ['spec.containers[0].workingDir Syntax'],
  },
  { row: 11, title: 'empty file', input: '', expected: ['Required'] },
  { row: 12, title: 'comments only', input: '# nothing\n', expected: ['Required'] },
  { row: 12, title: 'a document separator only', input: '---\n', expected: ['Required'] },
  { row: 13, title: 'a scalar', input: 'hello', expected: ['TypeInvalid'] },
  { row: 14, title: 'a list', input: '- apiVersion: v1\n', expected: ['TypeInvalid'] },
  { row: 15, title: 'two pods in two documents', input: `${POD}---\n${POD.replace('web', 'db')}`, expected: [] },
  { row: 16, title: 'the second document is garbage', input: `${POD}---\na: [\n`, expected: ['Syntax'] },
  {
    row: 17,
    title: 'JSON that ends too early',
    input: '{"apiVersion": "v1", "kind": "Pod", "metadata": {',
    expected: ['Syntax'],
  },
  {
    row: 18,
    title: 'JSON with a comment',
    input:
      '{"apiVersion": "v1", // comment\n"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}',
    expected: ['// comment "kind" UnknownField', 'kind Required'],
  },
  { row: 19, title: 'two JSON objects in a row', input: '{"kind": "Pod"}{"kind": "Pod"}', expected: ['Syntax'] },
  { row: 20, title: 'UTF-16', input: utf16(POD), expected: ['Encoding'] },
  { row: 21, title: 'a byte that is not UTF-8', input: bytes(POD, [0xc3, 0x28]), expected: ['Encoding'] },
  { row: 22, title: 'byte order mark', input: bytes([0xef, 0xbb, 0xbf], POD), expected: [] },
  { row: 23, title: 'CRLF line ends', input: POD.replaceAll('\n', '\r\n'), expected: [] },
  { row: 24, title: 'NUL byte', input: `${POD}    workingDir: "/a\u0000b"\n`, expected: ['Encoding'] },
  { row: 25, title: 'web page', input: '<!DOCTYPE html>\n<html><body>404</body></html>\n', expected: ['Syntax'] },
  { row: 26, title: 'gzip', input: new Uint8Array(gzipSync(POD)), expected: ['Encoding'] },
  {
    row: 27,
    title: 'alias bomb of 9 levels',
    input: aliasBomb(9),
    expected: ['TooLarge', 'apiVersion Required', 'kind Required'],
  },
  { row: 28, title: '5000 nested lists', input: '['.repeat(5000), expected: ['Syntax'] },
  { row: 28, title: '5000 nested mappings', input: '{a: '.repeat(5000), expected: ['Syntax'] },
  { row: 28, title: '5000 nested sequences', input: '- '.repeat(5000), expected: ['Syntax'] },
  { row: 29, title: '11 MiB', input: bytes(POD, '#'.repeat(11 * 1024 * 1024)), expected: ['TooLarge'] },
  {
    row: 30,
    title: 'annotation of 9 MiB',
    input: JSON.stringify(pod({}, { annotations: { big: 'x'.repeat(9 * 1024 * 1024) } })),
    expected: ['metadata.annotations TooLong'],
  },
]);

test('31 a date stays the text that it is', () => {
  const { pods, diagnostics } = loadManifest(POD.replace('web', '2024-01-01'), OPTIONS);
  assert.deepEqual([pods.map((p) => p.metadata.name), diagnostics], [['2024-01-01-node'], []]);
});

test('23 no carriage return gets into a value', () => {
  const { pods } = loadManifest(POD.replaceAll('\n', '\r\n'), OPTIONS);
  assert.deepEqual(JSON.stringify(pods).includes('\\r'), false);
});

test('16 the error names the document, its line and column, and the first document still counts', () => {
  const { pods, diagnostics } = loadManifest(`${POD}---\na: [\n`, OPTIONS);
  const places = diagnostics.map(({ document, line, column }) => ({ document, line, column }));
  assert.deepEqual([pods.length, places], [1, [{ document: 2, line: 10, column: 1 }]]);
});

test('1-4 point at line and column', () => {
  const places = [`${HEAD}spec:\n\tcontainers: []\n`, 'name: "web', `${POD}     args: [a]\n`].map((text) => {
    const [first] = loadManifest(text, OPTIONS).diagnostics;
    return `${first?.line}:${first?.column}`;
  });
  assert.deepEqual(places, ['5:1', '1:11', '7:12']);
});

test('45 nothing of a hostile key reaches other objects', () => {
  loadManifest(`${POD}__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n`, OPTIONS);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});
