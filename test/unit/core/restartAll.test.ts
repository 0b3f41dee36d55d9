// Stories of pods whose containers are all restarted in place because one of them ended in a way that asks for it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DesiredContainer, DesiredSpec } from '../../../src/api/desiredPod.ts';
import type { ContainerStatus } from '../../../src/api/kubernetes.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const ON_42: Partial<DesiredContainer> = {
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }],
};
const SPEC: Partial<DesiredSpec> = {
  restartPolicy: 'Never',
  initContainers: [aContainer('init'), aContainer('side', { restartPolicy: 'Always' })],
  containers: [aContainer('source', ON_42), aContainer('other')],
};
const STARTS = ['init', 'side', 'source', 'other'].map((n) => `startContainer ${n}`);

function running(spec: Partial<DesiredSpec> = SPEC): Machine {
  const machine = new Machine()
    .connect()
    .give([aPod({ spec })])
    .settle();
  machine.exit('init', 0).settle();
  machine.news();
  return machine;
}

function withoutImages(machine: Machine): readonly string[] {
  return machine.news().filter((n) => !n.startsWith('inspectImage'));
}

function of(machine: Machine, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = machine.status() ?? {};
  return [...initContainerStatuses, ...containerStatuses].find((s) => s.name === name);
}

function condition(machine: Machine): readonly (string | undefined)[] {
  const found = machine.status()?.conditions?.find((c) => c.type === 'AllContainersRestarting');
  return [found?.status, found?.reason];
}

describe('A container that asks for a restart of all', () => {
  test('Everything is stopped and removed, who asked for it last, then starts again in the same sandbox', () => {
    const machine = running();
    assert.deepEqual(condition(machine), ['False', undefined]);
    const before = machine.status()?.podIP;
    machine.exit('source', 42);
    assert.deepEqual(machine.news(), ['stopContainer other 2s', 'stopContainer side 2s']);
    assert.deepEqual(condition(machine), ['True', 'RestartAllContainersStarted']);
    machine.settle();
    machine.exit('init', 0).settle();
    assert.deepEqual(withoutImages(machine), [...Array(4).fill('removeContainer'), ...STARTS]);
    assert.deepEqual(condition(machine), ['False', undefined]);
    machine.tick(1_000);
    const counts = ['init', 'side', 'source', 'other'].map((n) => of(machine, n)?.restartCount);
    assert.deepEqual(counts, [1, 1, 1, 1]);
    assert.deepEqual(
      [machine.status()?.podIP, machine.sandboxes.size, machine.status()?.phase],
      [before, 1, 'Running'],
    );
  });

  test('While that goes on the pod is pending, and each container tells how it ended', () => {
    const machine = running();
    machine.exit('source', 42);
    assert.equal(machine.status()?.phase, 'Pending');
    machine.step().step();
    assert.equal(of(machine, 'other')?.state?.waiting?.reason, 'RestartingAllContainers');
    const { exitCode, reason } = of(machine, 'other')?.lastState?.terminated ?? {};
    assert.deepEqual([exitCode, reason], [137, 'RestartingAllContainers']);
    assert.equal(of(machine, 'source')?.lastState?.terminated?.exitCode, 42);
    machine.settle();
    assert.equal(of(machine, 'other')?.state?.waiting?.reason, 'PodInitializing');
    assert.equal(of(machine, 'other')?.lastState?.terminated?.reason, 'RestartingAllContainers');
    assert.equal(machine.status()?.phase, 'Pending');
  });

  test('People are told who asked for it, once', () => {
    const machine = running();
    machine.exit('source', 42).settle();
    machine.exit('init', 0).settle().tick(2_000).settle();
    const told = machine.world.events.filter((e) => e.reason === 'RestartingAllContainers');
    const message = 'Container source exited with code 42, all containers of the pod will be restarted';
    assert.deepEqual(
      told.map((e) => [e.message, e.count, e.fieldPath]),
      [[message, 1, 'spec.containers{source}']],
    );
  });

  test('Another exit code does what the policy says', () => {
    const machine = running();
    machine.exit('source', 1).settle();
    machine.exit('other', 0).settle();
    assert.ok(!machine.news().some((n) => n.startsWith('startContainer')));
    assert.equal(machine.status()?.phase, 'Failed');
  });

  test('The first rule that matches counts', () => {
    const restart = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } };
    const rules = [restart, ...(ON_42.restartPolicyRules ?? [])];
    const machine = running({
      ...SPEC,
      containers: [aContainer('source', { ...ON_42, restartPolicyRules: rules }), aContainer('other')],
    });
    machine.exit('source', 42).settle();
    assert.deepEqual(machine.news(), ['inspectImage source', 'startContainer source']);
  });

  test('It may be a sidecar', () => {
    const machine = running({
      ...SPEC,
      initContainers: [aContainer('init'), aContainer('side', { ...ON_42, restartPolicy: 'Always' })],
      containers: [aContainer('source'), aContainer('other')],
    });
    machine.exit('side', 42).settle();
    machine.exit('init', 0).settle();
    assert.deepEqual(withoutImages(machine).slice(-4), STARTS);
  });

  test('It may be an init container: what is before it runs again, and nothing after it has run', () => {
    const machine = new Machine()
      .connect()
      .give([
        aPod({ spec: { restartPolicy: 'Never', initContainers: [aContainer('first'), aContainer('second', ON_42)] } }),
      ])
      .settle();
    machine.exit('first', 0).settle();
    machine.news();
    machine.exit('second', 42);
    assert.equal(machine.status()?.phase, 'Pending');
    machine.settle();
    assert.deepEqual(machine.news(), [
      'removeContainer',
      'removeContainer',
      'inspectImage first',
      'startContainer first',
    ]);
    machine.exit('first', 0).settle();
    machine.exit('second', 0).settle();
    assert.deepEqual(machine.news().slice(-1), ['startContainer app']);
  });

  test('An init container that has done its work does not ask, whatever its rule excludes', () => {
    const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'NotIn', values: [3] } }];
    const init = aContainer('init', { restartPolicy: 'Never', restartPolicyRules });
    const machine = running({ restartPolicy: 'Never', initContainers: [init] });
    assert.equal(machine.status()?.phase, 'Running');
  });

  test('Two that ask at the same time make one round', () => {
    const machine = running({ ...SPEC, containers: [aContainer('source', ON_42), aContainer('other', ON_42)] });
    machine.exit('source', 42);
    machine.exit('other', 42).settle();
    machine.exit('init', 0).settle().tick(60_000).settle();
    assert.deepEqual(
      machine.news().filter((n) => n.startsWith('startContainer')),
      ['startContainer init', 'startContainer side', 'startContainer source', 'startContainer other'],
    );
  });

  test('One that asks again and again is held back longer each time, the others are not', () => {
    const machine = running();
    machine.exit('source', 42).settle();
    machine.exit('init', 0).settle();
    machine.news();
    machine.exit('source', 42).settle();
    machine.exit('init', 0).settle();
    assert.deepEqual(
      machine.news().filter((n) => n.startsWith('startContainer')),
      ['startContainer init', 'startContainer side', 'startContainer other'],
    );
    assert.equal(of(machine, 'source')?.state?.waiting?.reason, 'CrashLoopBackOff');
    machine.tick(10_000).settle();
    assert.deepEqual(machine.news().slice(-1), ['startContainer source']);
  });

  test('Handlers do not run, and a stop that was under way is made shorter', () => {
    const lifecycle = { preStop: { exec: { command: ['true'] } } };
    const machine = running({ ...SPEC, containers: [aContainer('source', ON_42), aContainer('other', { lifecycle })] });
    machine.exit('source', 42).settle();
    assert.ok(!machine.news().includes('preStop other'));
  });

  test('A runner that starts in between finishes what was begun', () => {
    const machine = running();
    machine.exit('source', 42).step().step().step();
    assert.ok([...machine.containers.values()].some((c) => c.name === 'source'));
    const next = new Machine();
    next.sandboxes = machine.sandboxes;
    next.containers = machine.containers;
    next
      .connect()
      .give([aPod({ spec: SPEC })])
      .settle();
    next.exit('init', 0).settle();
    assert.deepEqual(withoutImages(next).slice(-4), STARTS);
    assert.equal(next.sandboxes.size, 1);
  });

  test('A pod that is removed meanwhile ends', () => {
    const machine = running();
    machine.exit('source', 42).give([]).settle().tick(1_000).settle();
    assert.equal(machine.world.pods.size, 0);
  });

  test('A sandbox that dies meanwhile is replaced, and the containers start once', () => {
    const machine = running();
    machine.exit('source', 42).step();
    for (const s of machine.sandboxes.values()) machine.sandboxes.set(s.id, { ...s, state: 'notReady' });
    machine.look().settle();
    machine.exit('init', 0).settle().tick(30_000).settle();
    const live = [...machine.containers.values()].filter((c) => c.state === 'running').map((c) => c.name);
    assert.deepEqual(live.toSorted(), ['other', 'side', 'source']);
  });
});
