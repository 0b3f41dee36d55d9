// Stories about calls without an answer: what they did, or did later, is never counted twice and never left running.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../src/api/fault.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const NO_ANSWER: Fault = { kind: 'unknownOutcome', reason: 'RunContainerError', message: 'no answer' };

function starts(machine: Machine) {
  return machine.pending.flatMap((a) => (a.kind === 'startContainer' ? [a.attempt] : []));
}

/** Carries out what is handed out, up to the next start of a container. */
function untilStart(machine: Machine): Machine {
  while (machine.pending.length > 0 && machine.pending[0]?.kind !== 'startContainer') machine.step();
  return machine;
}

test('The number of a start without an answer is taken, though nothing of it is seen', () => {
  const machine = untilStart(new Machine().connect().give([aPod()]));
  assert.deepEqual(starts(machine), [0]);
  machine.fail(NO_ANSWER).look().tick(10_000);
  assert.deepEqual(starts(untilStart(machine)), [1]);
});

test('A look that arrives late still teaches which numbers have been', () => {
  const machine = untilStart(new Machine().connect().give([aPod()]));
  machine.settle();
  const [container] = machine.containers.values();
  assert.ok(container);
  const later = { ...container, id: 'app-later', attempt: 4 };
  machine.tick(5_000).look();
  const observation = { sandboxes: [...machine.sandboxes.values()], containers: [container, later] };
  machine.tell({ kind: 'observed', at: machine.now(), startedAt: 1_000, observation });
  machine.exit('app', 1);
  assert.deepEqual(starts(untilStart(machine)), [5]);
});

test('A sandbox that comes into being after its pod has ended is stopped', () => {
  const machine = new Machine().connect().give([aPod({ spec: { restartPolicy: 'Never' } })]);
  machine.settle().exit('app', 0).settle();
  assert.equal(machine.status()?.phase, 'Succeeded');
  const [sandbox] = machine.sandboxes.values();
  assert.ok(sandbox);
  machine.sandboxes.set('late', { ...sandbox, id: 'late', attempt: 1, state: 'ready', ips: ['10.0.0.9'] });
  machine.news();
  machine.look().settle();
  assert.deepEqual(machine.news(), ['stopSandbox']);
  assert.equal(machine.status()?.phase, 'Succeeded');
});

test('A container that was stopped before it ran gets its whole grace period when it is stopped for good', () => {
  const pod = aPod({ spec: { terminationGracePeriodSeconds: 30, containers: [aContainer('app')] } });
  const machine = new Machine().connect().give([pod]).settle();
  const [container] = machine.containers.values();
  assert.ok(container);
  machine.containers.set(container.id, { ...container, state: 'unknown' });
  machine.look();
  const [stop] = machine.pending.splice(0);
  assert.equal(stop?.kind, 'stopContainer');
  machine.containers.set(container.id, container);
  machine.tell({
    kind: 'outcome',
    at: machine.now(),
    action: stop,
    result: { ok: true, facts: { container } },
  });
  machine.news();
  machine.tick(10_000).give([]);
  assert.deepEqual(
    machine.news().filter((word) => word.startsWith('stopContainer')),
    ['stopContainer app 30s'],
  );
});

test('Of two instances that run at once the older one is stopped', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  const [container] = machine.containers.values();
  assert.ok(container);
  machine.containers.set('app-late', { ...container, id: 'app-late', attempt: 1 });
  machine.news();
  machine.look();
  assert.deepEqual(
    machine.pending.flatMap((a) => (a.kind === 'stopContainer' ? [a.containerId] : [])),
    [container.id],
  );
});

test('A created instance is not started beside an older one that runs', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  const [container] = machine.containers.values();
  assert.ok(container);
  const { startedAt: _, ...rest } = container;
  machine.containers.set('app-new', { ...rest, id: 'app-new', attempt: 1, state: 'created' });
  machine.news();
  machine.look();
  assert.deepEqual(machine.news(), ['stopContainer app 30s']);
  machine.settle();
  assert.deepEqual(
    machine.news().filter((word) => word.startsWith('start')),
    ['startCreated app'],
  );
});

test('A container that has ended stays ended when the runtime no longer knows its state', () => {
  const machine = new Machine().connect().give([aPod({ spec: { restartPolicy: 'Never' } })]);
  machine.settle().exit('app', 0).settle();
  const [container] = machine.containers.values();
  assert.ok(container);
  machine.containers.set(container.id, { ...container, state: 'unknown' });
  machine.news();
  machine.look().settle();
  assert.deepEqual(machine.news(), []);
  assert.equal(machine.status()?.phase, 'Succeeded');
});
