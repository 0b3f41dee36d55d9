// Stories about grace periods that shrink, and about handlers whose container has ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredContainer, DesiredPod } from '../../../src/api/desiredPod.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const PRE_STOP = { lifecycle: { preStop: { sleep: { seconds: 50 } } } };

function pod(graceSeconds: number, more: Partial<DesiredContainer> = {}): DesiredPod {
  const spec = { containers: [aContainer('app', more)], terminationGracePeriodSeconds: graceSeconds };
  return { ...aPod({ spec }), hash: `hash-${graceSeconds}` };
}

/** Runs, and is told to end; nothing of that is carried out yet. */
function ending(first: DesiredPod): Machine {
  const machine = new Machine().connect().give([first]).settle();
  machine.news();
  return machine.give([]);
}

test('A pod with the same uid and a shorter grace period stops the container sooner', () => {
  const machine = ending(pod(100));
  assert.deepEqual(machine.news(), ['stopContainer app 100s']);
  machine.tick(10_000).give([pod(20)]);
  assert.deepEqual(machine.news(), ['stopContainer app 20s']);
});

test('A longer grace period gives an ending pod no more time, and one that is hardly shorter is let be', () => {
  const machine = ending(pod(30)).tick(10_000);
  machine.news();
  machine.give([pod(100)]).give([pod(20)]);
  assert.deepEqual(machine.news(), []);
});

test('A shorter grace period ends a preStop handler sooner', () => {
  const machine = ending(pod(100, PRE_STOP));
  assert.deepEqual(machine.news(), ['preStop app']);
  machine.give([pod(10, PRE_STOP)]).tick(9_000);
  assert.deepEqual(machine.cancelled, []);
  machine.tick(1_500);
  assert.deepEqual(new Set(machine.cancelled), new Set(['preStop/app-2']));
});

test('The preStop handler of a container that has ended is given up', () => {
  const machine = ending(pod(100, PRE_STOP)).exit('app', 0);
  assert.deepEqual(new Set(machine.cancelled), new Set(['preStop/app-2']));
});

test('The preStop handler of a container that is stopped for its probe is given up when it has ended', () => {
  const machine = new Machine();
  machine.answers = { 'app/liveness': { result: 'failure', output: 'no' } };
  const livenessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1 };
  machine.connect().give([pod(100, { ...PRE_STOP, livenessProbe })]);
  while (!machine.history.includes('preStop app')) {
    if (machine.pending.length > 0) machine.step();
    else machine.tick(100);
  }
  machine.exit('app', 0);
  assert.deepEqual(new Set(machine.cancelled), new Set(['preStop/app-2']));
});

test('A pod that no manifest gives any more runs the preStop handler that its container tells of', () => {
  const first = new Machine()
    .connect()
    .give([pod(20)])
    .settle();
  const annotations = {
    'io.kubernetes.container.preStopHandler': '{"httpGet":{"port":"web","path":"/bye"}}',
    'io.kubernetes.container.ports': '[{"name":"web","containerPort":80}]',
    'io.kubernetes.pod.terminationGracePeriod': '20',
  };
  for (const c of first.containers.values()) first.containers.set(c.id, { ...c, annotations });
  const next = new Machine();
  next.sandboxes = first.sandboxes;
  next.containers = first.containers;
  next.connect().give([]);
  assert.deepEqual(next.news(), ['preStop app']);
  const [action] = next.pending;
  assert.ok(action?.kind === 'preStop');
  assert.deepEqual([action.handler, action.timeoutMs], [{ httpGet: { port: 'web', path: '/bye' } }, 20_000]);
  assert.deepEqual(action.pod.spec.containers[0]?.ports, [{ name: 'web', containerPort: 80 }]);
  next.settle().tick(1_000).settle();
  assert.equal(next.world.pods.size, 0);
});

test('What a container tells of its handler may be nonsense', () => {
  for (const text of ['{', '[]', '7', 'null', '{"exec"']) {
    const first = new Machine()
      .connect()
      .give([pod(20)])
      .settle();
    const annotations = { 'io.kubernetes.container.preStopHandler': text };
    for (const c of first.containers.values()) first.containers.set(c.id, { ...c, annotations });
    const next = new Machine();
    next.sandboxes = first.sandboxes;
    next.containers = first.containers;
    next.connect().give([]);
    assert.deepEqual(next.news(), ['stopContainer app 30s'], text);
  }
});
