import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatGoDuration, parseDuration } from '../../../src/api/duration.ts';

const SPELLINGS: readonly (readonly [text: string, ms: number])[] = [
  ['0', 0],
  ['-0', 0],
  ['0s', 0],
  ['10s', 10_000],
  ['300s', 300_000],
  ['1m30s', 90_000],
  ['1h15m30.918s', 4_530_918],
  ['.5s', 500],
  ['5.s', 5_000],
  ['1us', 0.001],
  ['1µs', 0.001],
  ['1ns', 0.000001],
  ['-1.5h', -5_400_000],
  ['+2ms', 2],
];

for (const [text, ms] of SPELLINGS) {
  test(`"${text}" is ${ms} ms`, () => assert.deepEqual(parseDuration(text), { ok: true, value: ms }));
}

for (const text of ['', '1', 's', '.s', '1 s', '1d', '1m30', '--1s', '1e3s', ' 1s', '1S']) {
  test(`"${text}" is no duration`, () => {
    assert.deepEqual(parseDuration(text), { ok: false, error: 'must be a duration such as 10s, 1m30s or 500ms' });
  });
}

test('A duration beyond 64 bits of nanoseconds is refused', () => {
  assert.deepEqual(parseDuration('9999999h'), { ok: false, error: 'must be a duration of at most 2562047h' });
});

const PRINTED: readonly (readonly [ms: number, text: string])[] = [
  [0, '0s'],
  [10_000, '10s'],
  [80_000, '1m20s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
  [1_500, '1.5s'],
  [250, '250ms'],
  [1.5, '1.5ms'],
  [0.0015, '1.5µs'],
  [0.000001, '1ns'],
  [-61_000, '-1m1s'],
  [100_000_000, '27h46m40s'],
  [100, '100ms'],
  [60_000.5, '1m0.0005s'],
];

for (const [ms, text] of PRINTED) {
  test(`${ms} ms prints as ${text}`, () => assert.equal(formatGoDuration(ms), text));
}

test('What is printed reads back as the same duration', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
      assert.deepEqual(parseDuration(formatGoDuration(ms)), { ok: true, value: ms });
    }),
  );
});
