import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ceilDivide, nanosToMillis, quantityMillis, quantityNanos, quantityUnits } from '../../../src/api/quantity.ts';

const NANO = 1_000_000_000n;

describe('quantityNanos', () => {
  const cases: readonly (readonly [string | number, bigint | undefined])[] = [
    ['0', 0n],
    ['250m', 250_000_000n],
    ['1.5', 1_500_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5n * NANO],
    ['-1.5', -1_500_000_000n],
    ['+2', 2n * NANO],
    ['1Ki', 1024n * NANO],
    ['1k', 1000n * NANO],
    ['0.1Ki', 102_400_000_000n],
    ['1E', 10n ** 18n * NANO],
    ['1E3', 1000n * NANO],
    ['1e-3', 1_000_000n],
    ['1n', 1n],
    ['0.1n', 1n],
    ['1e-400000', 1n],
    ['100Ei', (2n ** 63n - 1n) * NANO],
    ['1e999999', (2n ** 63n - 1n) * NANO],
    [2, 2n * NANO],
    [0.1, 100_000_000n],
    ['', undefined],
    ['.', undefined],
    ['m', undefined],
    ['1e', undefined],
    ['1 Gi', undefined],
    ['1gi', undefined],
    ['0x10', undefined],
    ['NaN', undefined],
    [`1${'0'.repeat(300)}`, undefined],
  ];
  for (const [quantity, nanos] of cases) {
    it(`reads ${JSON.stringify(quantity)} as ${nanos}`, () => assert.equal(quantityNanos(quantity), nanos));
  }

  it('reads every whole number of millis exactly', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (n) => quantityNanos(`${n}m`) === n * 1_000_000n));
  });
});

describe('rounding', () => {
  it('goes up to whole units and to millis', () => {
    assert.equal(quantityUnits('1.1'), 2);
    assert.equal(quantityUnits('1001m'), 2);
    assert.equal(quantityMillis('0.0001'), 1);
    assert.equal(nanosToMillis(-1n), 0n);
    assert.equal(ceilDivide(-3n, 2n), -1n);
  });

  it('counts what is absent or malformed as nothing', () => {
    assert.equal(quantityUnits(undefined), 0);
    assert.equal(quantityMillis('many'), 0);
  });
});
