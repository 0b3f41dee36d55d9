import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FEATURES } from '../../../src/api/observed.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const POD = aPod({
  spec: {
    volumes: [{ name: 'v', emptyDir: {} }],
    containers: [
      aContainer('app', {
        volumeMounts: [
          { name: 'v', mountPath: '/rw' },
          { name: 'v', mountPath: '/ro', readOnly: true },
          { name: 'v', mountPath: '/maybe', readOnly: true, recursiveReadOnly: 'IfPossible' },
          { name: 'v', mountPath: '/surely', readOnly: true, recursiveReadOnly: 'Enabled' },
        ],
      }),
      aContainer('other'),
    ],
  },
});

function mounts(recursiveReadOnly: boolean) {
  const machine = new Machine().connect();
  const good = { ok: true, reason: '', message: '' };
  const features = { ...NO_FEATURES, recursiveReadOnly };
  const status = { runtime: good, network: good, features };
  machine.tell({ kind: 'runtimeStatus', at: machine.now(), status, version: { name: 'containerd', version: '2' } });
  machine.give([POD]).settle();
  return machine.status()?.containerStatuses?.map(({ volumeMounts }) => volumeMounts);
}

test('the status tells what became of each mount, where the runtime can and where it cannot', () => {
  const rest = (maybe: string) => [
    { name: 'v', mountPath: '/rw' },
    { name: 'v', mountPath: '/ro', readOnly: true, recursiveReadOnly: 'Disabled' },
    { name: 'v', mountPath: '/maybe', readOnly: true, recursiveReadOnly: maybe },
    { name: 'v', mountPath: '/surely', readOnly: true, recursiveReadOnly: 'Enabled' },
  ];
  assert.deepEqual(mounts(true), [rest('Enabled'), undefined]);
  assert.deepEqual(mounts(false), [rest('Disabled'), undefined]);
});
