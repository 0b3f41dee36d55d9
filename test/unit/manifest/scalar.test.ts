// The expected values are those of the YAML reader that Kubernetes tools use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvePlain } from '../../../src/manifest/scalar.ts';

const VALUES = [
  ['', null],
  ['~', null],
  ['null', null],
  ['yes', true],
  ['On', true],
  ['n', false],
  ['OFF', false],
  ['yEs', 'yEs'],
  ['0', 0],
  ['-0', 0],
  ['42', 42],
  ['+7', 7],
  ['-7', -7],
  ['0644', 420],
  ['0o644', 420],
  ['08', 8],
  ['0x1F', 31],
  ['0b101', 5],
  ['1_000', 1000],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1.', 1],
  ['1e3', 1000],
  ['1.0', 1],
  ['9007199254740991', 9007199254740991],
  ['12:30', '12:30'],
  ['2024-01-01', '2024-01-01'],
  ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
  ['1.2.3', '1.2.3'],
  ['1Gi', '1Gi'],
  ['0x', '0x'],
  ['-', '-'],
  ['--flag', '--flag'],
  ['text', 'text'],
] as const;

for (const [source, value] of VALUES) {
  test(`${source || '(nothing)'} is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(resolvePlain(source), { ok: true, value });
  });
}

for (const source of [
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775808',
  '1e400',
  '.inf',
  '-.Inf',
  '.nan',
]) {
  test(`${source} cannot be held exactly and is an error`, () => assert.equal(resolvePlain(source).ok, false));
}
