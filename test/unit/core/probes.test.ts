// Stories about probes and lifecycle handlers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredContainer } from '../../../src/api/desiredPod.ts';
import { carriedProbes } from '../../../src/core/probing.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const NO = { result: 'failure', output: 'HTTP probe failed with statuscode: 500' } as const;
const ERROR = { result: 'error', output: 'connection to the runtime lost' } as const;
const EVERY_SECOND = {
  tcpSocket: { port: 80 },
  periodSeconds: 1,
  failureThreshold: 2,
  successThreshold: 1,
  timeoutSeconds: 1,
};

function probed(more: Partial<DesiredContainer>, answers: Machine['answers'] = {}): Machine {
  const machine = new Machine();
  machine.answers = answers;
  machine.connect().give([aPod({ spec: { containers: [aContainer('app', more)] } })]);
  return machine.settle();
}

/** Lets time pass in small steps, answering whatever is asked meanwhile. */
function live(machine: Machine, ms: number): Machine {
  for (let passed = 0; passed < ms; passed += 100) machine.tick(100).settle();
  return machine;
}

function isReady(machine: Machine): boolean {
  return machine.status()?.containerStatuses?.[0]?.ready ?? false;
}

test('A container with a readiness probe is ready once the probe has succeeded, and unready again when it fails', () => {
  const machine = probed({ readinessProbe: EVERY_SECOND }, { 'app/readiness': NO });
  live(machine, 1_500);
  assert.equal(isReady(machine), false);
  machine.answers = {};
  live(machine, 1_500);
  assert.equal(isReady(machine), true);
  machine.answers = { 'app/readiness': NO };
  live(machine, 900);
  assert.equal(isReady(machine), true, 'one failure is below the threshold');
  live(machine, 1_500);
  assert.equal(isReady(machine), false);
  assert.equal(machine.containers.size, 1, 'an unready container is not restarted');
});

test('A failed liveness probe stops the container with its grace period and restarts it', () => {
  const machine = probed({ livenessProbe: EVERY_SECOND }, { 'app/liveness': NO });
  machine.news();
  live(machine, 1_500);
  const news = machine.news().filter((word) => !word.startsWith('probe'));
  assert.deepEqual(news, ['stopContainer app 30s', 'inspectImage app', 'startContainer app']);
  const killing = machine.world.events.find((e) => e.reason === 'Killing');
  assert.equal(killing?.message, 'Container app failed liveness probe, will be restarted');
});

test('A probe may give its own grace period for the stop that follows its failure', () => {
  const machine = probed(
    { livenessProbe: { ...EVERY_SECOND, terminationGracePeriodSeconds: 5 } },
    { 'app/liveness': NO },
  );
  live(machine, 1_500);
  assert.ok(machine.news().includes('stopContainer app 5s'));
});

test('Restarts after a failed probe are held back one later than those after an exit, as the reference does', () => {
  const machine = probed({ livenessProbe: EVERY_SECOND }, { 'app/liveness': NO });
  live(machine, 4_000);
  assert.equal(machine.status()?.containerStatuses?.[0]?.restartCount, 2, 'two restarts at once');
  live(machine, 5_000);
  assert.equal(machine.status()?.containerStatuses?.[0]?.restartCount, 2, 'the third waits');
  live(machine, 10_000);
  assert.equal(machine.status()?.containerStatuses?.[0]?.restartCount, 3);
});

test('A probe that cannot be asked counts for nothing', () => {
  const machine = probed({ livenessProbe: EVERY_SECOND }, { 'app/liveness': ERROR });
  live(machine, 10_000);
  assert.equal(machine.status()?.containerStatuses?.[0]?.restartCount, 0);
});

test('Other probes wait until the startup probe has succeeded', () => {
  const machine = probed(
    {
      startupProbe: { ...EVERY_SECOND, failureThreshold: 30 },
      livenessProbe: EVERY_SECOND,
      readinessProbe: EVERY_SECOND,
    },
    { 'app/startup': NO, 'app/liveness': NO },
  );
  machine.news();
  live(machine, 5_000);
  assert.deepEqual([...new Set(machine.news())], ['probe app startup']);
  machine.answers = {};
  live(machine, 1_500);
  assert.ok(machine.news().includes('probe app readiness'));
  assert.equal(isReady(machine), true);
});

test('A failed startup probe restarts the container', () => {
  const machine = probed({ startupProbe: EVERY_SECOND }, { 'app/startup': NO });
  live(machine, 1_500);
  assert.ok(machine.news().includes('stopContainer app 30s'));
});

test('A postStart handler holds back the start of the next container', () => {
  const hook = { postStart: { exec: { command: ['true'] } } };
  const pod = aPod({ spec: { containers: [aContainer('app', { lifecycle: hook }), aContainer('log')] } });
  const machine = new Machine().connect().give([pod]);
  while (machine.pending[0] !== undefined && machine.pending[0].kind !== 'postStart') machine.step();
  assert.ok(!machine.news().includes('startContainer log'));
  machine.settle();
  assert.ok(machine.news().includes('startContainer log'));
});

test('A failed postStart handler ends the container, which is restarted by policy', () => {
  const machine = new Machine().connect().give([
    aPod({
      spec: { containers: [aContainer('app', { lifecycle: { postStart: { exec: { command: ['false'] } } } })] },
    }),
  ]);
  while (machine.pending[0] !== undefined && machine.pending[0].kind !== 'postStart') machine.step();
  machine.news();
  machine.fail({ kind: 'refused', reason: 'PostStartHookError', message: 'exit code 1' });
  assert.deepEqual(machine.news(), ['stopContainer app 30s']);
  assert.ok(machine.world.events.some((e) => e.reason === 'FailedPostStartHook'));
});

test('A preStop handler runs before the stop signal, and its time is taken from the grace period', () => {
  const hook = { preStop: { exec: { command: ['sleep', '10'] } } };
  const machine = new Machine()
    .connect()
    .give([aPod({ spec: { containers: [aContainer('app', { lifecycle: hook })] } })]);
  machine.settle().news();
  machine.give([]);
  assert.deepEqual(machine.news(), ['preStop app']);
  machine.tick(10_000).step();
  assert.deepEqual(machine.news(), ['stopContainer app 20s']);
});

test('A preStop handler that outlasts the grace period is given up, and the container gets the floor of 2 s', () => {
  const hook = { preStop: { exec: { command: ['sleep', '100'] } } };
  const machine = new Machine()
    .connect()
    .give([aPod({ spec: { containers: [aContainer('app', { lifecycle: hook })] } })]);
  machine.settle().news();
  machine.give([]).tick(31_000);
  assert.equal(machine.cancelled.length, 1);
  machine.fail({ kind: 'cancelled', reason: 'FailedPreStopHook', message: 'gave up' });
  assert.ok(machine.news().includes('stopContainer app 2s'));
});

test('What was started and ready stays so over a restart of the runner, until it is asked again', () => {
  const probes = { startupProbe: EVERY_SECOND, readinessProbe: { ...EVERY_SECOND, initialDelaySeconds: 30 } };
  const machine = live(probed(probes), 40_000);
  assert.equal(isReady(machine), true);
  const next = new Machine(['dir'], { carried: carriedProbes(machine.world.pods) });
  next.sandboxes = machine.sandboxes;
  next.containers = machine.containers;
  next.connect().give([aPod({ spec: { containers: [aContainer('app', probes)] } })]);
  const [app] = next.status()?.containerStatuses ?? [];
  assert.deepEqual([app?.started, app?.ready], [true, true]);
  next.answers = { 'app/readiness': NO };
  live(next, 900);
  assert.equal(isReady(next), true, 'one failure is below the threshold');
  live(next, 2_000);
  assert.equal(isReady(next), false);
});

test('What is known of one instance does not speak for another', () => {
  const next = new Machine(['dir'], { carried: { other: ['startup', 'readiness'] } });
  next.connect().give([aPod({ spec: { containers: [aContainer('app', { readinessProbe: EVERY_SECOND })] } })]);
  assert.equal(isReady(next.settle()), false);
});

test('A sidecar that fails its probe is told of as the init container that it is', () => {
  const machine = new Machine();
  machine.answers = { 'side/liveness': NO };
  const side = aContainer('side', { restartPolicy: 'Always', livenessProbe: EVERY_SECOND });
  const app = aContainer('app', { restartPolicy: 'Always', livenessProbe: EVERY_SECOND });
  machine.connect().give([aPod({ spec: { initContainers: [side], containers: [app] } })]);
  live(machine, 3_000);
  machine.answers = { 'app/liveness': NO };
  live(machine, 3_000);
  const told = machine.world.events.filter((e) => e.reason === 'Killing').map((e) => e.message);
  assert.deepEqual(told, [
    'Init container side failed liveness probe',
    'Container app failed liveness probe, will be restarted',
  ]);
});

test('Readiness is asked at once when the startup probe has succeeded, however long its period is', () => {
  const readinessProbe = { ...EVERY_SECOND, periodSeconds: 3_600 };
  const machine = probed({ startupProbe: EVERY_SECOND, readinessProbe }, { 'app/startup': NO });
  machine.news();
  machine.answers = {};
  live(machine, 1_500);
  assert.equal(isReady(machine), true);
});
