import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createPullGate } from '../../../src/executor/pullGate.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Enters and notes when it is let in. */
function enter(gate: ReturnType<typeof createPullGate>, image: string, signal = never()) {
  const entry = { image, isIn: false, leave: () => undefined as void };
  void gate.enter(image, signal).then((leave) => Object.assign(entry, { isIn: true, leave }));
  return entry;
}

test('one image is pulled once at a time, in the order of arrival, and others go on meanwhile', async () => {
  const gate = createPullGate(2);
  const entries = ['a', 'a', 'a', 'b'].map((image) => enter(gate, image));
  const inside = (): readonly boolean[] => entries.map(({ isIn }) => isIn);
  await turn();
  assert.deepEqual(inside(), [true, false, false, true]);
  entries[0]?.leave();
  await turn();
  assert.deepEqual(inside(), [true, true, false, true]);
  entries[1]?.leave();
  await turn();
  assert.deepEqual(inside(), [true, true, true, true]);
});

test('no more images than the limit are pulled at a time', async () => {
  const gate = createPullGate(1);
  const entries = ['a', 'b', 'c'].map((image) => enter(gate, image));
  for (const turnOf of [0, 1, 2]) {
    await turn();
    assert.deepEqual(
      entries.map(({ isIn }) => isIn),
      [0, 1, 2].map((index) => index <= turnOf),
    );
    entries[turnOf]?.leave();
  }
});

test('one that gives up while it waits holds nobody back', async () => {
  const gate = createPullGate(1);
  const first = enter(gate, 'a');
  const abort = new AbortController();
  const second = enter(gate, 'a', abort.signal);
  const third = enter(gate, 'a');
  await turn();
  abort.abort();
  await turn();
  assert.deepEqual([first.isIn, second.isIn, third.isIn], [true, true, false]);
  second.leave();
  await turn();
  assert.equal(third.isIn, false);
  first.leave();
  await turn();
  assert.equal(third.isIn, true);
});
