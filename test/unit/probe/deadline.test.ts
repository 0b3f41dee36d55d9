import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startDeadline } from '../../../src/probe/deadline.ts';

test('When time is up the deadline is over', async () => {
  using deadline = startDeadline(10, new AbortController().signal);
  await once(deadline.signal, 'abort');
  assert.equal(deadline.isOver(), true);
});

test('A caller that gives up aborts without time being up', () => {
  const caller = new AbortController();
  using deadline = startDeadline(60_000, caller.signal);
  caller.abort();
  assert.deepEqual([deadline.signal.aborted, deadline.isOver()], [true, false]);
});

test('After a standstill of our own, what has arrived is seen before time is up', async () => {
  using deadline = startDeadline(10, new AbortController().signal);
  const order: string[] = [];
  deadline.signal.addEventListener('abort', () => order.push('over'));
  const standsStillUntil = performance.now() + 250;
  while (performance.now() < standsStillUntil);
  setTimeout(() => order.push('arrived'), 20);
  await once(deadline.signal, 'abort');
  assert.deepEqual(order, ['arrived', 'over']);
});
