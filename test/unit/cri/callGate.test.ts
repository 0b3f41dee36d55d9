import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createCallGate } from '../../../src/cri/callGate.ts';

const never = new AbortController().signal;

it('lets in as many as fit and the others in order as places come free', async () => {
  const gate = createCallGate(2);
  const entered: string[] = [];
  const enter = async (name: string) => {
    const leave = await gate.enter(never);
    entered.push(name);
    return leave;
  };
  const [first, second] = await Promise.all([enter('first'), enter('second')]);
  const third = enter('third');
  const fourth = enter('fourth');
  assert.deepEqual(entered, ['first', 'second']);
  second?.();
  await third;
  assert.deepEqual(entered, ['first', 'second', 'third']);
  first?.();
  first?.();
  await fourth;
  assert.deepEqual(entered, ['first', 'second', 'third', 'fourth']);
});

it('does not wait for one that has given up', async () => {
  const gate = createCallGate(1);
  const leave = await gate.enter(never);
  const patience = new AbortController();
  const givenUp = gate.enter(patience.signal);
  const next = gate.enter(never);
  patience.abort();
  assert.equal(await givenUp, undefined);
  leave?.();
  assert.equal(typeof (await next), 'function');
});

it('turns away at once who comes with an aborted signal', async () => {
  assert.equal(await createCallGate(1).enter(AbortSignal.abort()), undefined);
});
