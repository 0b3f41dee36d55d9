// Stories about volumes that grow beyond their limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const MIB = 2 ** 20;
const MOUNTS = ['cache', 'ram', 'free'].map((name) => ({ name, mountPath: `/${name}` }));
const LIMITED = aPod({
  spec: {
    volumes: [
      { name: 'cache', emptyDir: { sizeLimit: '1Mi' } },
      { name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'free', emptyDir: {} },
      { name: 'idle', emptyDir: { sizeLimit: '1Mi' } },
    ],
    containers: [aContainer('app', { volumeMounts: MOUNTS })],
  },
});

function started(pod = LIMITED): Machine {
  const machine = new Machine().connect().give([pod]).settle();
  machine.news();
  return machine;
}

test('Volumes on disk with a limit are measured now and then, and nothing happens below it', () => {
  const machine = started();
  machine.usage = { cache: MIB, ram: 5 * MIB, free: 5 * MIB };
  for (let round = 0; round < 3; round += 1) {
    machine.tick(10_100).settle();
    assert.deepEqual(machine.news(), ['measureVolumes']);
  }
  assert.equal(machine.status()?.phase, 'Running');
});

test('A pod without such a volume is never measured', () => {
  const machine = started(aPod());
  machine.tick(60_000).settle();
  assert.deepEqual(machine.news(), []);
});

test('A pod whose volume is too large is evicted with the reason of the reference, and stays so', () => {
  const machine = started();
  machine.usage = { cache: MIB + 1 };
  machine.tick(10_100);
  machine.step();
  assert.deepEqual(machine.news(), ['measureVolumes', 'stopContainer app 2s']);
  machine.settle().tick(120_000).settle();
  const { phase, reason, message } = machine.status() ?? {};
  assert.deepEqual(
    { phase, reason, message },
    { phase: 'Failed', reason: 'Evicted', message: 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ' },
  );
  const events = machine.world.events.filter((event) => event.reason === 'Evicted');
  assert.deepEqual(
    events.map((event) => [event.type, event.count, event.message]),
    [['Warning', 1, 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ']],
  );
  assert.equal([...machine.containers.values()].filter((c) => c.state === 'running').length, 0);
});

test('An evicted pod runs again when an operator restarts it', () => {
  const machine = started();
  machine.usage = { cache: 2 * MIB };
  machine.tick(10_100).settle();
  machine.usage = {};
  machine.request('restart', 'default/web').settle().tick(1_000).settle();
  assert.deepEqual([machine.status()?.phase, machine.status()?.reason], ['Running', undefined]);
});

test('Counting that takes long is done less often', () => {
  const machine = started();
  machine.tick(10_100);
  assert.deepEqual(machine.news(), ['measureVolumes']);
  machine.tick(3_000).settle().tick(58_000).settle();
  assert.deepEqual(machine.news(), []);
  machine.tick(6_000).settle();
  assert.deepEqual(machine.news(), ['measureVolumes']);
});
