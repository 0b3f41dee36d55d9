import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, ClaimName } from '../../../src/api/claim.ts';
import { claimUsers, createVolumeDesk } from '../../../src/daemon/volumeDesk.ts';
import type { ClaimsPort, StoredClaim } from '../../../src/ports/claims.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const SIGNAL = new AbortController().signal;
const DATA: ClaimName = { namespace: 'default', name: 'data' };
const STORED: StoredClaim = {
  ...DATA,
  path: '/root/claims/default/data/data',
  createdAt: Date.UTC(2026, 0, 1),
  usage: { bytes: 4096, complete: true },
  accessModes: ['ReadWriteOnce'],
  storage: '1Gi',
};
const GIVEN: Claim = {
  kind: 'PersistentVolumeClaim',
  ...DATA,
  hash: '1',
  origin: { location: '/m/a.yaml', line: 3 },
  accessModes: ['ReadWriteMany'],
  storage: '2Gi',
};

function desk({ given = [GIVEN], stored = [STORED], users = [] as readonly string[] } = {}) {
  const removed: string[] = [];
  const claims: ClaimsPort = {
    names: async () => stored,
    list: async () => stored,
    async remove({ name }, { isUsed }) {
      if (isUsed()) return 'used';
      removed.push(name);
      return 'removed';
    },
    finishRemovals: async () => {},
  };
  const made = createVolumeDesk({ claims, given: () => given, usersOf: () => users, finish: async () => {} });
  return { ...made, removed };
}

test('a volume is listed with what its claim says now, and who uses it', async () => {
  const other: Claim = { ...GIVEN, name: 'later' };
  assert.deepEqual(await desk({ given: [other, GIVEN], users: ['default/web-node'] }).list(SIGNAL), [
    {
      ...DATA,
      status: 'Bound',
      pods: ['default/web-node'],
      path: STORED.path,
      usedBytes: 4096,
      usedIsComplete: true,
      createdAt: '2026-01-01T00:00:00Z',
      storage: '2Gi',
      accessModes: ['ReadWriteMany'],
      origin: '/m/a.yaml:3',
    },
    {
      namespace: 'default',
      name: 'later',
      status: 'Pending',
      pods: ['default/web-node'],
      storage: '2Gi',
      accessModes: ['ReadWriteMany'],
      origin: '/m/a.yaml:3',
    },
  ]);
});

test('a volume whose claim no manifest gives is Released, with what was asked for last', async () => {
  const [note] = await desk({ given: [] }).list(SIGNAL);
  assert.deepEqual([note?.status, note?.storage, note?.accessModes], ['Released', '1Gi', ['ReadWriteOnce']]);
});

test('nothing is removed when one of the volumes is used or is not there', async () => {
  const used = desk({ users: ['default/web-node'] });
  assert.deepEqual(await used.remove([DATA], SIGNAL), {
    ok: false,
    status: 409,
    message: 'Volume default/data is used by pod default/web-node: stop or remove it first',
  });
  const free = desk();
  assert.deepEqual(await free.remove([DATA, { ...DATA, name: 'dta' }], SIGNAL), {
    ok: false,
    status: 404,
    message: 'There is no volume default/dta',
  });
  assert.deepEqual([used.removed, free.removed], [[], []]);
  assert.deepEqual(await free.remove([DATA], SIGNAL), { ok: true, removed: ['default/data'] });
  assert.deepEqual(free.removed, ['data']);
});

test('a pod uses its claim until it is stopped and its volumes are gone', () => {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [aContainer('app', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })];
  const machine = new Machine().connect().give([aPod({ spec: { volumes, containers } }), aPod({ name: 'other' })]);
  assert.deepEqual(claimUsers(machine.world, DATA), ['default/web']);
  assert.deepEqual(claimUsers(machine.settle().world, DATA), ['default/web']);
  assert.deepEqual(claimUsers(machine.world, { ...DATA, name: 'else' }), []);
  machine.request('stop', 'default/web');
  assert.deepEqual(claimUsers(machine.world, DATA), ['default/web']);
  assert.deepEqual(claimUsers(machine.settle().world, DATA), []);
  machine.request('start', 'default/web');
  assert.deepEqual(claimUsers(machine.world, DATA), ['default/web']);
});

test('a pod of which nothing is known may use any claim', () => {
  const machine = new Machine();
  machine.tell({ kind: 'podDirectories', at: machine.now(), podUids: ['left'] });
  assert.deepEqual(claimUsers(machine.world, DATA), ['unknown/left']);
});
