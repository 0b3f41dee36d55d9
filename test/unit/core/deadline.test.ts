// Stories about activeDeadlineSeconds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../../support/machine.ts';
import { aPod } from '../../support/pods.ts';

const LIMITED = aPod({ spec: { activeDeadlineSeconds: 5 } });

test('A pod past its deadline is stopped, shown as Failed with the reason, and stays so', () => {
  const machine = new Machine().connect().give([LIMITED]).settle();
  machine.news();
  machine.tick(4_900);
  assert.deepEqual(machine.news(), []);
  machine.tick(200);
  assert.deepEqual(machine.news(), ['stopContainer app 30s']);
  machine.settle();
  assert.equal(machine.status()?.phase, 'Failed');
  assert.equal(machine.status()?.reason, 'DeadlineExceeded');
  const told = machine.world.events.filter((e) => e.reason === 'DeadlineExceeded');
  const message = 'Pod was active on the node longer than the specified deadline';
  assert.deepEqual(
    told.map((e) => [e.type, e.message, e.count]),
    [['Normal', message, 1]],
  );
  machine.tick(60_000).settle();
  assert.equal([...machine.containers.values()].filter((c) => c.state === 'running').length, 0);
});

test('A restart of the runner does not grant an adopted pod more time', () => {
  const first = new Machine().connect().give([LIMITED]).settle().tick(3_000);
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second.tick(3_000).connect().give([LIMITED]).settle();
  second.news();
  second.tick(2_500);
  assert.deepEqual(second.news(), ['stopContainer app 30s']);
});
