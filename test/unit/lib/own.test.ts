import assert from 'node:assert/strict';
import { test } from 'node:test';
import { own } from '../../../src/lib/own.ts';

test('only what the record itself has counts', () => {
  assert.deepEqual([own({ a: 1 }, 'a'), own({}, 'constructor'), own(undefined, 'a')], [1, undefined, undefined]);
});
