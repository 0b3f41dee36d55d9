import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes } from '../../../src/lib/bytes.ts';

test('bytes are told with one digit of the largest unit that fits', () => {
  const sizes = [0, 512, 4096, 1536, 35_756_441, 3 * 2 ** 40, 5 * 2 ** 60];
  assert.deepEqual(sizes.map(formatBytes), ['0', '512', '4Ki', '1.5Ki', '34.1Mi', '3Ti', '5120Pi']);
});
