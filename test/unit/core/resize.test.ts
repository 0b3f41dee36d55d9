// Stories about resources that change while a pod runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredPod } from '../../../src/api/desiredPod.ts';
import type { ContainerResizePolicy, ResourceRequirements } from '../../../src/api/kubernetes.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

interface Wishes {
  readonly version: number;
  readonly resources: ResourceRequirements;
  readonly resizePolicy?: readonly ContainerResizePolicy[];
}

/** One uid, several versions. */
function version({ version: number, resources, resizePolicy = [] }: Wishes): DesiredPod {
  const pod = aPod({ spec: { containers: [aContainer('app', { resources, resizePolicy }), aContainer('other')] } });
  return { ...pod, hash: `hash-${number}` };
}

const cpu = (request: string, limit: string): ResourceRequirements => ({
  requests: { cpu: request },
  limits: { cpu: limit, memory: '64Mi' },
});
const started = (resources: ResourceRequirements, more: Partial<Wishes> = {}) => {
  const machine = new Machine()
    .connect()
    .give([version({ version: 1, resources, ...more })])
    .settle();
  machine.news();
  return machine;
};
const resizing = (machine: Machine) =>
  machine.status()?.conditions?.filter(({ type }) => type.startsWith('PodResize')) ?? [];
const resourcesOf = (machine: Machine) => {
  const status = machine.status()?.containerStatuses?.find(({ name }) => name === 'app');
  return [status?.allocatedResources?.['cpu'], status?.resources?.requests?.['cpu'], status?.restartCount];
};

test('Resources that change are given to the running container, which is not restarted', () => {
  const machine = started(cpu('100m', '200m'));
  assert.deepEqual(resourcesOf(machine), ['100m', '100m', 0]);
  machine.give([version({ version: 2, resources: cpu('300m', '400m') })]);
  assert.deepEqual(
    machine.pending.flatMap((a) => (a.kind === 'resizePod' ? a.containers.map(({ name }) => name) : [])),
    ['app'],
  );
  assert.deepEqual(resourcesOf(machine), ['300m', '100m', 0]);
  machine.settle();
  assert.deepEqual(machine.news(), ['resizePod']);
  assert.deepEqual(resourcesOf(machine), ['300m', '300m', 0]);
  machine.look().settle();
  assert.deepEqual(machine.news(), []);
});

test('A container that asks to be restarted for a resource is restarted for that one only', () => {
  const resizePolicy = [
    { resourceName: 'memory', restartPolicy: 'RestartContainer' },
    { resourceName: 'cpu', restartPolicy: 'NotRequired' },
  ];
  const machine = started(cpu('100m', '200m'), { resizePolicy });
  machine.give([version({ version: 2, resources: cpu('150m', '200m'), resizePolicy })]).settle();
  assert.deepEqual(machine.news(), ['resizePod']);
  const resources = { requests: { cpu: '150m' }, limits: { cpu: '200m', memory: '128Mi' } };
  machine.give([version({ version: 3, resources, resizePolicy })]).settle();
  assert.deepEqual(machine.news(), ['stopContainer app 30s', 'inspectImage app', 'startContainer app']);
  machine.tick(2_000).settle();
  assert.equal(machine.status()?.containerStatuses?.find(({ name }) => name === 'app')?.restartCount, 1);
  assert.equal(machine.status()?.containerStatuses?.find(({ name }) => name === 'other')?.restartCount, 0);
});

test('What the node cannot give is not given, and the pod says so until it can', () => {
  const rival = aPod({
    name: 'rival',
    spec: { containers: [aContainer('app', { resources: { requests: { cpu: '3' } } })] },
  });
  const small = version({ version: 1, resources: cpu('100m', '5') });
  const machine = new Machine().connect().give([small, rival]).settle();
  machine.news();
  machine.give([version({ version: 2, resources: cpu('2', '5') }), rival]).settle();
  assert.deepEqual(machine.news(), []);
  assert.deepEqual(
    resizing(machine).map(({ type, reason }) => [type, reason]),
    [['PodResizePending', 'Deferred']],
  );
  assert.deepEqual(resourcesOf(machine), ['100m', '100m', 0]);
  machine
    .give([version({ version: 2, resources: cpu('2', '5') })])
    .settle()
    .tick(60_000)
    .settle()
    .look()
    .settle();
  assert.deepEqual(resizing(machine), []);
  assert.deepEqual(resourcesOf(machine), ['2', '2', 0]);
});

test('What no such node could give, or what would change the class of the pod, is infeasible', () => {
  const machine = started(cpu('100m', '9'));
  machine.give([version({ version: 2, resources: cpu('8', '9') })]).settle();
  assert.deepEqual(
    resizing(machine).map(({ reason, message }) => [reason, message]),
    [['Infeasible', "Node didn't have enough resource: cpu, requested: 8000, used: 0, capacity: 4000"]],
  );
  machine.give([version({ version: 3, resources: {} })]).settle();
  assert.deepEqual(
    resizing(machine).map(({ reason, message }) => [reason, message]),
    [['Infeasible', 'Pod QOS Class may not change as a result of resizing']],
  );
  assert.deepEqual(resourcesOf(machine), ['100m', '100m', 0]);
});

test('A resize that fails is shown and tried again; the container runs on', () => {
  const machine = started(cpu('100m', '200m'));
  machine.give([version({ version: 2, resources: cpu('300m', '400m') })]);
  machine.fail({ kind: 'refused', reason: 'ResizeError', message: 'no such cgroup' }).settle();
  assert.deepEqual(
    resizing(machine).map(({ type, reason, message }) => [type, reason, message]),
    [['PodResizeInProgress', 'Error', 'no such cgroup']],
  );
  machine.tick(20_000).settle();
  assert.deepEqual([resizing(machine), resourcesOf(machine)], [[], ['300m', '300m', 0]]);
});

test('A change while this program was not running is seen by what stands on the container', () => {
  const first = started(cpu('100m', '200m'));
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second
    .connect()
    .give([version({ version: 2, resources: cpu('300m', '400m') })])
    .settle();
  assert.deepEqual(second.news(), ['setUpPod', 'resizePod']);
});

test('A pod-level limit that changes reaches the pod, and containers that have none of their own', () => {
  const pod = (number: number, limit: string): DesiredPod => {
    const plain = aPod({ spec: { resources: { limits: { cpu: limit, memory: '64Mi' } } } });
    return { ...plain, hash: `hash-${number}` };
  };
  const machine = new Machine()
    .connect()
    .give([pod(1, '1')])
    .settle();
  machine.news();
  machine.give([pod(2, '2')]);
  assert.deepEqual(
    machine.pending.map((a) => (a.kind === 'resizePod' ? a.containers.map(({ name }) => name) : a.kind)),
    [['app']],
  );
});
