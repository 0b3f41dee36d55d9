// Stories about pods that need claims.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessMode } from '../../../src/api/claim.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

function podWithClaim(name: string) {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [aContainer('app', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })];
  return aPod({ name, spec: { volumes, containers } });
}

function claim(machine: Machine, ...accessModes: readonly AccessMode[]): Machine {
  const objects = [{ key: 'PersistentVolumeClaim/default/data', hash: '1', claim: { accessModes, storage: '1Gi' } }];
  return machine.tell({ kind: 'objects', at: machine.now(), objects });
}

test('A pod whose claim is missing waits, and starts as soon as there is one', () => {
  const machine = new Machine().connect().give([podWithClaim('web')]);
  machine.fail({ kind: 'refused', reason: 'FailedMount', message: 'persistentvolumeclaim "data" not found' });
  assert.deepEqual(machine.news(), ['setUpPod']);
  assert.equal(machine.status()?.phase, 'Pending');
  claim(machine, 'ReadWriteOnce').settle();
  assert.deepEqual(machine.news(), ['setUpPod', 'createSandbox 0', 'inspectImage app', 'startContainer app']);
});

test('A claim that goes away leaves a running pod alone', () => {
  const machine = claim(new Machine(), 'ReadWriteOnce')
    .connect()
    .give([podWithClaim('web')])
    .settle();
  machine.news();
  machine.tell({ kind: 'objects', at: machine.now(), objects: [] }).tick(60_000).settle();
  assert.deepEqual([machine.news(), machine.status()?.phase], [[], 'Running']);
});

test('Pods of one node share a claim, but not one for a single pod', () => {
  const pods = [podWithClaim('a'), podWithClaim('b')];
  const shared = claim(new Machine(), 'ReadWriteOnce').connect().give(pods).settle();
  assert.deepEqual([shared.status('default/a')?.phase, shared.status('default/b')?.phase], ['Running', 'Running']);
  const single = claim(new Machine(), 'ReadWriteOncePod').connect().give(pods).settle();
  assert.equal(single.status('default/a')?.phase, 'Running');
  assert.deepEqual(
    [single.status('default/b')?.reason, single.status('default/b')?.message],
    [
      'VolumeInUse',
      'Pod was rejected: node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access ' +
        'mode: default/data is held by pod default/a',
    ],
  );
  single
    .give([podWithClaim('b')])
    .settle()
    .tick(60_000)
    .settle();
  assert.equal(single.status('default/b')?.phase, 'Running');
});

test('A claim for a single pod that appears when two wait for it is for one of them', () => {
  const machine = new Machine().connect().give([podWithClaim('a'), podWithClaim('b')]);
  const missing = {
    kind: 'refused',
    reason: 'FailedMount',
    message: 'persistentvolumeclaim "data" not found',
  } as const;
  machine.fail(missing).fail(missing);
  claim(machine, 'ReadWriteOncePod').settle().tick(60_000).settle();
  const phases = () => ['a', 'b'].map((name) => machine.status(`default/${name}`)?.phase).toSorted();
  assert.deepEqual(phases(), ['Pending', 'Running']);
  const [running, waiting] = machine.status('default/a')?.phase === 'Running' ? ['a', 'b'] : ['b', 'a'];
  machine
    .give([podWithClaim(waiting ?? '')])
    .settle()
    .tick(60_000)
    .settle();
  assert.equal(machine.status(`default/${waiting}`)?.phase, 'Running');
  assert.equal(machine.status(`default/${running}`), undefined);
});
