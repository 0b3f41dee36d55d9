import assert from 'node:assert/strict';
import { it } from 'node:test';
import { now } from '../../../src/platform/clock.ts';

it('the monotonic clock goes forward and the wall clock is near the system time', () => {
  const [first, second] = [now(), now()];
  assert.ok(second.mono >= first.mono);
  assert.ok(Math.abs(first.wall - Date.now()) < 60_000);
});
