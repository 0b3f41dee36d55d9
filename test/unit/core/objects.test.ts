// Stories about pods that need ConfigMaps and Secrets: what waits, what goes on by itself, what is written anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const WITH_VOLUME = aPod({
  spec: {
    volumes: [{ name: 'v', configMap: { name: 'm' } }],
    containers: [aContainer('app', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
  },
});
const WITH_VARIABLE = aPod({ spec: { containers: [aContainer('app', { envFrom: [{ secretRef: { name: 's' } }] })] } });
const WITH_LABELS = aPod({
  spec: {
    volumes: [{ name: 'v', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
    containers: [aContainer('app', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
  },
});
const UP = ['setUpPod', 'createSandbox 0', 'inspectImage app', 'startContainer app'];

function hand(machine: Machine, objects: { readonly [key: string]: string }): Machine {
  const versions = Object.entries(objects).map(([key, hash]) => ({ key, hash }));
  return machine.tell({ kind: 'objects', at: machine.now(), objects: versions });
}

function refused(reason: string, message: string) {
  return { kind: 'refused', reason, message } as const;
}

test('A pod whose volume shows a missing ConfigMap waits, and starts as soon as there is one', () => {
  const machine = new Machine().connect().give([WITH_VOLUME]);
  machine.fail(refused('FailedMount', 'configmap "m" not found'));
  assert.deepEqual(machine.news(), ['setUpPod']);
  assert.equal(machine.status()?.containerStatuses?.[0]?.state?.waiting?.reason, 'ContainerCreating');
  hand(machine, { 'ConfigMap/default/other': '1' });
  assert.deepEqual(machine.news(), []);
  hand(machine, { 'ConfigMap/default/m': '1' }).settle();
  assert.deepEqual(machine.news(), UP);
});

test('A container that needs a missing Secret says so, and starts as soon as there is one', () => {
  const machine = new Machine().connect().give([WITH_VARIABLE]);
  for (const _ of UP.slice(0, 3)) machine.step();
  machine.fail(refused('CreateContainerConfigError', 'secret "s" not found'));
  assert.deepEqual(machine.status()?.containerStatuses?.[0]?.state?.waiting, {
    reason: 'CreateContainerConfigError',
    message: 'secret "s" not found',
  });
  machine.news();
  machine.look();
  assert.deepEqual(machine.news(), []);
  hand(machine, { 'Secret/default/s': '1' }).settle();
  assert.deepEqual(machine.news(), ['inspectImage app', 'startContainer app']);
});

test('Files follow the ConfigMap while the pod runs, once per version', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([WITH_VOLUME]).settle();
  assert.deepEqual(machine.news(), UP);
  hand(machine, { 'ConfigMap/default/m': '1' }).look().settle();
  assert.deepEqual(machine.news(), []);
  hand(machine, { 'ConfigMap/default/m': '2' }).look().settle();
  assert.deepEqual(machine.news(), ['refreshVolumes']);
  assert.equal(machine.containers.size, 1);
});

test('A version that comes while the one before is being written is written after it', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([WITH_VOLUME]).settle();
  hand(machine, { 'ConfigMap/default/m': '2' });
  hand(machine, { 'ConfigMap/default/m': '3' });
  machine.news();
  machine.step();
  assert.deepEqual(machine.news(), ['refreshVolumes']);
  machine.settle();
  assert.deepEqual(machine.news(), []);
});

test('A ConfigMap that goes away leaves the pod running, and is asked for less and less often', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([WITH_VOLUME]).settle();
  hand(machine, {});
  machine.news();
  const gone = refused('FailedMount', 'configmap "m" not found');
  machine.fail(gone);
  for (const delay of [10_000, 20_000, 40_000, 80_000, 122_000, 122_000]) {
    machine.tick(delay - 1);
    assert.deepEqual(machine.news(), []);
    machine.tick(1);
    assert.deepEqual(machine.news(), ['refreshVolumes']);
    machine.fail(gone);
  }
  assert.equal(machine.status()?.phase, 'Running');
  hand(machine, { 'ConfigMap/default/m': '4' });
  assert.deepEqual(machine.news(), ['refreshVolumes']);
});

test('Variables of a running container stay as they are', () => {
  const machine = hand(new Machine(), { 'Secret/default/s': '1' }).connect().give([WITH_VARIABLE]).settle();
  machine.news();
  hand(machine, { 'Secret/default/s': '2' }).settle();
  assert.deepEqual(machine.news(), []);
});

test('Files follow the labels of a pod that keeps its uid', () => {
  const machine = new Machine().connect().give([WITH_LABELS]).settle();
  machine.news();
  const metadata = { ...WITH_LABELS.metadata, labels: { key3: 'value3' } };
  machine.give([{ ...WITH_LABELS, hash: 'other', metadata }]).settle();
  assert.deepEqual(machine.news(), ['refreshVolumes']);
});

test('What another source has yet to give is not taken from the volumes of a pod that runs', () => {
  const before = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([WITH_VOLUME]).settle();
  const machine = new Machine(['dir', 'http']);
  machine.sandboxes = before.sandboxes;
  machine.containers = before.containers;
  machine.connect().give([WITH_VOLUME]).settle();
  assert.deepEqual(machine.news(), []);
  hand(machine, { 'ConfigMap/default/m': '1' }).give([], 'http').settle();
  assert.deepEqual(machine.news(), ['setUpPod']);
});

test('A pod that ends does not wait for its files', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([WITH_VOLUME]).settle();
  hand(machine, { 'ConfigMap/default/m': '2' });
  machine.give([]);
  assert.deepEqual(machine.cancelled, ['refreshVolumes/uid-web']);
  machine.settle().tick(1_000).settle();
  assert.equal(machine.world.pods.size, 0);
});

const RESTARTING = {
  ...WITH_VARIABLE,
  metadata: { ...WITH_VARIABLE.metadata, annotations: { 'solopod.dev/on-config-change': 'restart' } },
};
const DOWN = ['stopContainer app 30s', 'stopSandbox', 'tearDownPod', 'removeContainer', 'removeSandbox'];

test('A pod that asks for it is restarted when what it uses changes, not when that goes away', () => {
  const machine = hand(new Machine(), { 'Secret/default/s': '1' }).connect().give([RESTARTING]).settle();
  assert.deepEqual(machine.news(), UP);
  hand(machine, {}).look().settle();
  assert.deepEqual(machine.news(), []);
  hand(machine, { 'Secret/default/s': '1' }).look().settle();
  assert.deepEqual(machine.news(), []);
  hand(machine, { 'Secret/default/s': '2' }).settle().tick(1_000).settle();
  assert.deepEqual(machine.news(), [...DOWN, ...UP]);
});

test('A change while nobody looked restarts the pod once every source has delivered', () => {
  const before = hand(new Machine(), { 'Secret/default/s': '1' }).connect().give([RESTARTING]).settle();
  const machine = new Machine(['dir', 'http']);
  machine.sandboxes = before.sandboxes;
  machine.containers = before.containers;
  hand(machine.connect().give([RESTARTING]), { 'Secret/default/s': '2' }).settle();
  assert.deepEqual(machine.news(), ['setUpPod']);
  machine.give([], 'http').settle().tick(1_000).settle();
  assert.deepEqual(machine.news(), [...DOWN, ...UP]);
});

const SIGNALLED = aPod({
  spec: {
    volumes: [{ name: 'v', configMap: { name: 'm' } }],
    containers: [
      aContainer('app', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      aContainer('part', { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'key' }] }),
      aContainer('other'),
    ],
  },
});
const ASKING_FOR_SIGNAL = {
  ...SIGNALLED,
  metadata: { ...SIGNALLED.metadata, annotations: { 'solopod.dev/on-config-change': 'signal=SIGHUP' } },
};

test('Containers that see the new files get the signal that their pod asks for, once the files are in place', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([ASKING_FOR_SIGNAL]).settle();
  machine.news();
  machine.rewritten = ['v'];
  hand(machine, { 'ConfigMap/default/m': '2' });
  assert.deepEqual(machine.news(), ['refreshVolumes']);
  machine.settle().look().tick(60_000).settle();
  assert.deepEqual(machine.news(), ['signalContainer app']);
  const [told] = machine.world.events.filter(({ reason }) => reason === 'ConfigChanged');
  assert.equal(told?.message, 'Sent SIGHUP to container app: files of its volumes have changed');
});

test('A refresh that replaces nothing sends no signal, and a signal that fails is not sent again', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([ASKING_FOR_SIGNAL]).settle();
  hand(machine, { 'ConfigMap/default/m': '2' }).settle();
  machine.rewritten = ['v'];
  machine.news();
  hand(machine, { 'ConfigMap/default/m': '3' }).step();
  machine.fail(refused('FailedSignal', 'the container has no process any more')).tick(60_000).settle();
  assert.deepEqual(machine.news(), ['refreshVolumes', 'signalContainer app']);
  assert.equal(machine.world.events.at(-1)?.message, 'Failed to send SIGHUP: the container has no process any more');
});

test('A pod that does not ask for a signal gets none', () => {
  const machine = hand(new Machine(), { 'ConfigMap/default/m': '1' }).connect().give([WITH_VOLUME]).settle();
  machine.rewritten = ['v'];
  machine.news();
  hand(machine, { 'ConfigMap/default/m': '2' }).settle();
  assert.deepEqual(machine.news(), ['refreshVolumes']);
});
