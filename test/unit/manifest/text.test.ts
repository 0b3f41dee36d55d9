import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MANIFEST_BYTES_MAX, readText } from '../../../src/manifest/text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const READABLE: readonly (readonly [string, Uint8Array | string, string])[] = [
  ['plain text', utf8('a: é\n'), 'a: é\n'],
  ['a byte order mark', Uint8Array.from([0xef, 0xbb, 0xbf, 0x61]), 'a'],
  ['a byte order mark in a string', '\ufeffa', 'a'],
  ['tabs and line ends', 'a\t\r\n', 'a\t\r\n'],
  ['nothing', new Uint8Array(), ''],
];

for (const [title, input, value] of READABLE) {
  test(`reads ${title}`, () => assert.deepEqual(readText(input), { ok: true, value }));
}

const UNREADABLE: readonly (readonly [string, Uint8Array | string, string, number])[] = [
  ['UTF-16, little end first', Uint8Array.from([0xff, 0xfe, 0x61, 0]), 'Encoding', 0],
  ['UTF-16 without mark', Uint8Array.from([0x61, 0, 0x62, 0]), 'Encoding', 0],
  ['gzip', Uint8Array.from([0x1f, 0x8b, 8, 0]), 'Encoding', 0],
  ['a bad byte', Uint8Array.from([0x61, 0x62, 0xff, 0x63]), 'Encoding', 2],
  ['a cut sequence', Uint8Array.from([0x61, 0xc3]), 'Encoding', 1],
  ['an escape character', 'a\u001b[0m', 'Encoding', 1],
  ['a web page', '\n<!DOCTYPE html><html>', 'Syntax', 0],
  ['too much', new Uint8Array(MANIFEST_BYTES_MAX + 1), 'TooLarge', 0],
];

for (const [title, input, code, offset] of UNREADABLE) {
  test(`refuses ${title}`, () => {
    const result = readText(input);
    assert.deepEqual(result.ok ? [] : [result.error.code, result.error.offset], [code, offset]);
  });
}

test('names the offset of the first byte that is not UTF-8', () => {
  const result = readText(Uint8Array.from([0xc3, 0xa9, 0x61, 0xff]));
  assert.match(result.ok ? '' : result.error.message, /offset 3/);
});
