// Stories about pods that this node does not take, and what becomes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredPod, DesiredSpec } from '../../../src/api/desiredPod.ts';
import { NO_FEATURES, type RuntimeFeatures } from '../../../src/api/observed.ts';
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

const refusal = (pod: DesiredPod, features: RuntimeFeatures = NO_FEATURES) => {
  const machine = new Machine();
  machine.features = features;
  const { phase, reason, message } = machine.connect().give([pod]).settle().status() ?? {};
  return phase === 'Failed' ? { reason, message: message?.replace('Pod was rejected: ', '') } : phase;
};
const withSpec = (spec: Partial<DesiredSpec>) => aPod({ spec });

test('A pod whose label names another operating system is refused', () => {
  const pod = aPod();
  const labels = { 'kubernetes.io/os': 'windows' };
  assert.deepEqual(refusal({ ...pod, metadata: { ...pod.metadata, labels } }), {
    reason: 'PodOSSelectorNodeLabelDoesNotMatch',
    message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
  });
  assert.equal(refusal({ ...pod, metadata: { ...pod.metadata, labels: { 'kubernetes.io/os': 'linux' } } }), 'Running');
});

test('A strict policy for groups is refused where the runtime cannot keep it', () => {
  const pod = withSpec({ securityContext: { supplementalGroupsPolicy: 'Strict' } });
  assert.deepEqual(refusal(pod), {
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  });
  assert.equal(refusal(pod, { ...NO_FEATURES, supplementalGroupsPolicy: true }), 'Running');
});

test('A runtime class that nobody configured is refused with those that are', () => {
  assert.deepEqual(refusal(withSpec({ runtimeClassName: 'gvisor' })), {
    reason: 'RuntimeClassNotFound',
    message: 'RuntimeClass "gvisor" is not in the configuration (runtimeClasses): it names plain, boxed',
  });
  assert.equal(refusal(withSpec({ runtimeClassName: 'plain' })), 'Running');
});

test('A sandbox is made by the handler of the runtime class', () => {
  const machine = new Machine().connect().give([withSpec({ runtimeClassName: 'boxed' }), aPod({ name: 'plain' })]);
  machine.step().step();
  const handlers = machine.pending.flatMap((a) => (a.kind === 'createSandbox' ? [a.runtimeHandler] : []));
  assert.deepEqual(handlers, ['kata', undefined]);
});

test('A user namespace is refused where the handler has none, and says what has', () => {
  const pod = withSpec({ hostUsers: false, runtimeClassName: 'boxed' });
  assert.deepEqual(refusal(pod, { ...NO_FEATURES, userNamespaces: [''] }), {
    reason: 'PodFeatureUnsupported',
    message:
      'hostUsers: false needs user namespaces, which handler "kata" of this runtime (containerd 2.1.9) does not have; containerd has them from 2.0, with runc from 1.2',
  });
  assert.equal(refusal(pod, { ...NO_FEATURES, userNamespaces: ['', 'kata'] }), 'Running');
});

test('Huge pages are held against those that the kernel keeps, however their size is spelled', () => {
  const using = (name: string, amount: string) => {
    const limits = { [name]: amount, memory: '16Mi' };
    return withSpec({ containers: [aContainer('app', { resources: { limits } })] });
  };
  assert.equal(refusal(using('hugepages-2Mi', '8Mi')), 'Running');
  assert.deepEqual(refusal(using('hugepages-2048Ki', '10Mi')), {
    reason: 'OutOfhugepages-2Mi',
    message: "Node didn't have enough resource: hugepages-2Mi, requested: 10485760, used: 0, capacity: 8388608",
  });
  assert.equal((refusal(using('hugepages-1Gi', '1Gi')) as { reason?: string }).reason, 'OutOfhugepages-1Gi');
});

test('Resources that no node has a stock of keep nobody from running', () => {
  const limits = { 'example.com/device': '3' };
  assert.equal(refusal(withSpec({ containers: [aContainer('app', { resources: { limits } })] })), 'Running');
});

test('Selectors are held against the labels of the node', () => {
  const term = (key: string, operator: string, ...values: readonly string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
        },
      },
    },
  });
  const cases: readonly [Partial<DesiredSpec>, boolean][] = [
    [{ nodeSelector: { 'kubernetes.io/os': 'linux' } }, true],
    [{ nodeSelector: { 'kubernetes.io/os': 'windows' } }, false],
    [{ nodeSelector: { disktype: 'ssd' } }, false],
    [term('kubernetes.io/hostname', 'In', 'a', 'node'), true],
    [term('kubernetes.io/hostname', 'NotIn', 'node'), false],
    [term('disktype', 'NotIn', 'ssd'), true],
    [term('disktype', 'Exists'), false],
    [term('disktype', 'DoesNotExist'), true],
    [term('kubernetes.io/os', 'Exists'), true],
    [term('kubernetes.io/os', 'Gt', '3'), false],
    [{ affinity: { podAntiAffinity: {} } }, true],
  ];
  const found = cases.map(([spec]) => refusal(withSpec(spec)) === 'Running');
  assert.deepEqual(
    found,
    cases.map(([, runs]) => runs),
  );
  assert.deepEqual(refusal(withSpec({ nodeSelector: { disktype: 'ssd' } })), {
    reason: 'NodeAffinity',
    message:
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector: nodeSelector asks for disktype=ssd; the configuration can give this node labels (nodeLabels)",
  });
});
