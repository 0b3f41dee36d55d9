import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../../src/cli/duration.ts';

const GOOD: readonly (readonly [string, number])[] = [
  ['90', 90_000],
  ['1.5', 1_500],
  ['90s', 90_000],
  ['200ms', 200],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
];

for (const [text, milliseconds] of GOOD) {
  test(`${text} is ${milliseconds} ms`, () => assert.equal(parseDuration(text), milliseconds));
}

for (const text of ['', '0', '-1s', 's', '1d', '1 s', '1s1', '99999h', 'NaN']) {
  test(`"${text}" is not a duration`, () => {
    assert.throws(() => parseDuration(text), {
      message: 'It must be a duration above zero, such as 90s, 2m or 1m30s.',
    });
  });
}
