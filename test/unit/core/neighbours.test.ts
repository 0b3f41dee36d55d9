// Stories about pods that learn of each other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Neighbour } from '../../../src/api/neighbour.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod as anyPod } from '../../support/pods.ts';

/** A pod that others may want to reach. */
function aPod({ spec, ...more }: Parameters<typeof anyPod>[0] = {}) {
  const containers = [aContainer('app', { ports: [{ containerPort: 80 }] })];
  return anyPod({ ...more, spec: { containers, ...spec } });
}

/** What the hosts file of a pod was written with, each time. */
function writes(machine: Machine, uid: string): readonly (readonly Neighbour[])[] {
  return machine.actions.flatMap((a) => {
    if (a.podUid !== uid) return [];
    if (a.kind === 'startContainer') return [a.neighbours];
    const hosts = a.kind === 'refreshHosts' || a.kind === 'setUpPod' ? a.hosts : undefined;
    return hosts === undefined ? [] : [hosts.neighbours];
  });
}

/** The names that the hosts file of a pod was last written with. */
function known(machine: Machine, uid: string): readonly string[] {
  return (writes(machine, uid).at(-1) ?? []).map(({ name }) => name);
}

test('A pod that is alone is never told of anybody', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  assert.ok(!machine.news().includes('refreshHosts'));
  assert.deepEqual(known(machine, 'uid-web'), []);
});

test('Pods learn who comes, also those that run already', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.news();
  machine.give([aPod(), aPod({ name: 'db' })]).settle();
  assert.deepEqual(known(machine, 'uid-web'), ['db']);
  assert.deepEqual(known(machine, 'uid-db'), ['web']);
  assert.equal(machine.news().filter((word) => word === 'refreshHosts').length, 1);
});

test('A pod that names no port and no name of its own is nobody to reach, and learns of others all the same', () => {
  const machine = new Machine()
    .connect()
    .give([aPod(), anyPod({ name: 'job' }), anyPod({ name: 'db', spec: { hostname: 'db' } })])
    .settle();
  assert.deepEqual(known(machine, 'uid-web'), ['db']);
  assert.deepEqual(known(machine, 'uid-job'), ['db', 'web']);
});

test('Pods learn who has gone, and the last one is alone again', () => {
  const machine = new Machine()
    .connect()
    .give([aPod(), aPod({ name: 'db' })])
    .settle();
  machine.give([aPod()]).settle().tick(60_000).settle();
  assert.deepEqual(known(machine, 'uid-web'), []);
  machine.news();
  machine.look().settle();
  assert.deepEqual(machine.news(), []);
});

test('A pod on the network of the host is called by the address of the host, and is not told of others', () => {
  const host = aPod({ name: 'proxy', spec: { hostNetwork: true } });
  const machine = new Machine().connect().give([aPod(), host]).settle();
  assert.deepEqual(known(machine, 'uid-proxy'), []);
  const [last = []] = writes(machine, 'uid-web').slice(-1);
  assert.deepEqual(
    last.map(({ ips }) => ips),
    [['192.0.2.1']],
  );
});

test('A pod that asks for the names of the cluster on the network of the host is told', () => {
  const host = aPod({ name: 'proxy', spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } });
  const machine = new Machine().connect().give([host, aPod()]).settle();
  assert.deepEqual(known(machine, 'uid-proxy'), ['web']);
});

test('Pods that ran before this start are told at once, since nobody knows what their files show', () => {
  const first = new Machine()
    .connect()
    .give([aPod(), aPod({ name: 'db' })])
    .settle();
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second
    .connect()
    .give([aPod(), aPod({ name: 'db' })])
    .settle()
    .look()
    .settle();
  assert.deepEqual(second.news(), ['setUpPod', 'setUpPod']);
  assert.deepEqual([known(second, 'uid-web'), known(second, 'uid-db')], [['db'], ['web']]);
});

test('A hosts file that cannot be written is tried again, and holds up nothing', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.give([aPod(), aPod({ name: 'db' })]);
  while (machine.pending[0] !== undefined && machine.pending[0].kind !== 'refreshHosts') machine.step();
  machine.fail({ kind: 'refused', reason: 'FailedMount', message: 'no space left on device' }).settle();
  assert.equal(machine.status('default/db')?.phase, 'Running');
  machine.tick(120_000).settle();
  assert.deepEqual(known(machine, 'uid-web'), ['db']);
});
