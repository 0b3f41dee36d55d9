// Stories about pods that this node does not take, and what becomes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const withPort = (name: string, hostPort: number) =>
  aPod({ name, spec: { containers: [aContainer('app', { ports: [{ containerPort: 80, hostPort }] })] } });
const withCpu = (name: string, cpu: string) =>
  aPod({ name, spec: { containers: [aContainer('app', { resources: { requests: { cpu } } })] } });

test('A pod that asks for more than the node has is refused with the reason of the reference, and nothing is made', () => {
  const machine = new Machine()
    .connect()
    .give([withCpu('web', '5')])
    .settle();
  assert.deepEqual(machine.news(), []);
  const { phase, reason, message, containerStatuses } = machine.status() ?? {};
  assert.deepEqual(
    { phase, reason, message, containerStatuses },
    {
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000",
      containerStatuses: undefined,
    },
  );
});

test('Of two pods that want one host port the first runs; the second starts by itself when the port is free', () => {
  const [a, b] = [withPort('a', 80), withPort('b', 80)];
  const machine = new Machine().connect().give([a, b]).settle();
  assert.equal(machine.status('default/a')?.phase, 'Running');
  assert.equal(machine.status('default/b')?.reason, 'NodePorts');
  assert.match(machine.status('default/b')?.message ?? '', /80\/TCP is held by pod default\/a/);
  machine.give([b]).settle().tick(60_000).settle();
  assert.equal(machine.status('default/b')?.phase, 'Running');
});

test('A pod that runs already is not put in question by a restart of the runner', () => {
  const first = new Machine()
    .connect()
    .give([withCpu('web', '3')])
    .settle();
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second
    .connect()
    .give([withCpu('big', '4'), withCpu('web', '3')])
    .settle();
  assert.equal(second.status('default/web')?.phase, 'Running');
  assert.equal(second.status('default/big')?.reason, 'OutOfcpu');
});

test('A newer version may use what the older one held', () => {
  const older = aPod({ uid: 'old', spec: withCpu('web', '3').spec });
  const newer = aPod({ uid: 'new', spec: withCpu('web', '3').spec });
  const machine = new Machine().connect().give([older]).settle().give([newer]).settle().tick(2_000).settle();
  assert.equal(machine.status()?.phase, 'Running');
});

test('A sysctl that is not on the safe list is refused', () => {
  const sysctls = [{ name: 'kernel.msgmax', value: '65536' }];
  const machine = new Machine()
    .connect()
    .give([aPod({ spec: { securityContext: { sysctls } } })])
    .settle();
  assert.equal(machine.status()?.reason, 'SysctlForbidden');
});

test('A refused pod that an operator stops is stopped, not refused any more', () => {
  const machine = new Machine()
    .connect()
    .give([withPort('a', 80), withPort('b', 80)])
    .settle();
  assert.equal(machine.status('default/b')?.reason, 'NodePorts');
  machine.request('stop', 'default/b').settle();
  assert.equal(machine.status('default/b')?.reason, undefined);
});
