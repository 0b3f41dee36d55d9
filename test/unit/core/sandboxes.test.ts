// Stories about sandboxes that change behind the runner's back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservedSandbox } from '../../../src/api/observed.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const POD = aPod({ spec: { initContainers: [aContainer('init')] } });
const ANEW = ['createSandbox 1', 'inspectImage init', 'startContainer init'];

function running(): Machine {
  const machine = new Machine().connect().give([POD]).settle();
  machine.exit('init', 0).settle();
  machine.news();
  return machine;
}

function change(machine: Machine, more: Partial<ObservedSandbox>): Machine {
  for (const s of machine.sandboxes.values()) machine.sandboxes.set(s.id, { ...s, ...more });
  return machine.look().settle();
}

/** What was stopped and removed comes first; then everything is made anew, init containers before app containers. */
function assertAnew(machine: Machine): void {
  const news = machine.news();
  const made = news.filter((word) => word !== 'removeSandbox');
  assert.deepEqual(made.slice(-ANEW.length), ANEW, news.join(', '));
  assert.equal(machine.world.events.filter((e) => e.reason === 'SandboxChanged').length, 1);
  assert.ok(!news.includes('tearDownPod'), 'volumes stay');
  machine.exit('init', 0).settle();
  assert.deepEqual(machine.news(), ['inspectImage app', 'startContainer app']);
  assert.equal(machine.tick(1_000).status()?.containerStatuses?.[0]?.restartCount, 1);
  const ready = [...machine.sandboxes.values()].filter((s) => s.state === 'ready');
  assert.equal(ready.length, 1);
}

test('A sandbox that lost its address is replaced', () => {
  const machine = change(running(), { ips: [] });
  assertAnew(machine);
});

test('A sandbox on the wrong network is replaced', () => {
  assertAnew(change(running(), { network: 'node' }));
});

test('Of two ready sandboxes none is kept', () => {
  const machine = running();
  const [first] = machine.sandboxes.values();
  assert.ok(first);
  machine.sandboxes.set('other', { ...first, id: 'other', ips: ['10.0.0.9'] });
  machine.look().settle();
  assertAnew(machine);
});

test('A sandbox that was removed is made anew', () => {
  const machine = running();
  machine.sandboxes.clear();
  machine.containers.clear();
  machine.look().settle();
  assert.deepEqual(
    machine.news().filter((word) => !word.startsWith('inspectImage')),
    ['createSandbox 0', 'startContainer init'],
  );
  assert.equal(machine.tick(1_000).status()?.initContainerStatuses?.[0]?.restartCount, 1);
});
