import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fnv1a32 } from '../../../src/lib/fnv.ts';

it('agrees with the published values of FNV-1a', () => {
  // http://www.isthe.com/chongo/src/fnv/test_fnv.c
  assert.deepEqual(['', 'a', 'b', 'foobar'].map(fnv1a32), [0x811c9dc5, 0xe40c292c, 0xe70c2de5, 0xbf9cf968]);
});
