import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalQuantity, canonicalResource } from '../../../src/api/canonicalQuantity.ts';
import { quantityNanos } from '../../../src/api/quantity.ts';

const CASES: readonly (readonly [string | number, string])[] = [
  ['0', '0'],
  [0.5, '500m'],
  ['1500m', '1500m'],
  ['1000m', '1'],
  [1000, '1k'],
  ['100000', '100k'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['0.1Ki', '102400m'],
  [1073741824, '1073741824'],
  ['1e3', '1e3'],
  ['100e3', '100e3'],
  ['12e0', '12'],
  ['-5Mi', '-5Mi'],
  ['1E', '1E'],
  ['1e30', '9223372036854775807e0'.replace('e0', '')],
  ['nonsense', 'nonsense'],
];

for (const [given, expected] of CASES) {
  test(`${given} is written ${expected}`, () => assert.equal(canonicalQuantity(given), expected));
}

test('resources are rounded up to thousandths', () => {
  assert.deepEqual(['1u', '1.0001', '2n'].map(canonicalResource), ['1m', '1001m', '1m']);
});

test('the canonical spelling means the same and is its own canonical spelling', () => {
  const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-3');
  const quantity = fc.tuple(fc.integer(), suffix).map(([number, unit]) => `${number}${unit}`);
  fc.assert(
    fc.property(quantity, (text) => {
      const canonical = canonicalQuantity(text);
      assert.equal(quantityNanos(canonical), quantityNanos(text));
      assert.equal(canonicalQuantity(canonical), canonical);
    }),
  );
});
