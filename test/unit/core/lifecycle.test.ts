// Stories about one pod: what is asked of the runtime, in which order, and what people see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const INIT_POD = aPod({
  spec: {
    initContainers: [aContainer('first'), aContainer('second')],
    containers: [aContainer('app'), aContainer('log')],
  },
});

test('A pod is set up, gets its sandbox beside its image, then its container', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  assert.deepEqual(machine.news(), ['setUpPod', 'createSandbox 0', 'inspectImage app', 'startContainer app']);
  assert.equal(machine.status()?.phase, 'Running');
  assert.deepEqual(
    machine.status()?.conditions?.map((c) => `${c.type}=${c.status}`),
    ['PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True'],
  );
});

test('Nothing is planned before the runtime has been looked at', () => {
  const machine = new Machine().give([aPod()]);
  assert.deepEqual(machine.news(), []);
  assert.deepEqual(machine.connect().news(), ['setUpPod']);
});

test('Init containers run one after the other, then app containers start in order', () => {
  const machine = new Machine().connect().give([INIT_POD]).settle();
  assert.deepEqual(machine.news(), ['setUpPod', 'createSandbox 0', 'inspectImage first', 'startContainer first']);
  assert.equal(machine.status()?.containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
  machine.exit('first', 0).settle();
  assert.deepEqual(machine.news(), ['inspectImage second', 'startContainer second']);
  machine.exit('second', 0).settle();
  assert.deepEqual(machine.news(), [
    'inspectImage app',
    'inspectImage log',
    'startContainer app',
    'startContainer log',
  ]);
});

test('A failed init container ends a pod that is never restarted', () => {
  const pod = aPod({ spec: { ...INIT_POD.spec, restartPolicy: 'Never' } });
  const machine = new Machine().connect().give([pod]).settle();
  machine.news();
  machine.exit('first', 7).settle();
  assert.equal(machine.status()?.phase, 'Failed');
  assert.deepEqual(machine.news(), ['stopSandbox', 'tearDownPod']);
});

test('A sidecar stays beside the app, is restarted when it ends, and is stopped last', () => {
  const sidecar = aContainer('proxy', { restartPolicy: 'Always' });
  const machine = new Machine()
    .connect()
    .give([aPod({ spec: { initContainers: [sidecar] } })])
    .settle();
  assert.deepEqual(machine.news(), [
    'setUpPod',
    'createSandbox 0',
    'inspectImage proxy',
    'startContainer proxy',
    'inspectImage app',
    'startContainer app',
  ]);
  machine.exit('proxy', 0).settle();
  assert.deepEqual(machine.news(), ['inspectImage proxy', 'startContainer proxy']);
  machine.give([]).settle();
  assert.deepEqual(machine.news().slice(0, 3), ['stopContainer app 30s', 'stopContainer proxy 30s', 'stopSandbox']);
});

test('The first restart is immediate, the next waits 10 s from the exit, then 20 s', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.news();
  machine.exit('app', 1).settle();
  assert.deepEqual(machine.news(), ['inspectImage app', 'startContainer app']);
  machine.exit('app', 1).settle();
  assert.deepEqual(machine.news(), ['removeContainer']);
  machine.tick(9_000).settle();
  assert.deepEqual(machine.news(), []);
  assert.equal(machine.status()?.containerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff');
  machine.tick(1_100).settle();
  assert.deepEqual(machine.news(), ['inspectImage app', 'startContainer app']);
  assert.equal(machine.tick(1_000).status()?.containerStatuses?.[0]?.restartCount, 2);
  machine.exit('app', 1).settle().tick(19_000).settle();
  assert.deepEqual(machine.news(), ['removeContainer']);
  machine.tick(1_100).settle();
  assert.deepEqual(machine.news(), ['inspectImage app', 'startContainer app']);
});

test('A removed manifest stops the containers, then the sandbox, then removes every trace', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.news();
  machine.give([]).settle().tick(1_000).settle();
  assert.deepEqual(machine.news(), [
    'stopContainer app 30s',
    'stopSandbox',
    'tearDownPod',
    'removeContainer',
    'removeLogs',
    'removeSandbox',
  ]);
  assert.equal(machine.world.pods.size, 0);
});

test('A newer version waits until the older one has wholly ended', () => {
  const machine = new Machine()
    .connect()
    .give([aPod({ uid: 'old' })])
    .settle();
  machine.news();
  machine.give([aPod({ uid: 'new' })]);
  assert.deepEqual(machine.news(), ['stopContainer app 30s']);
  machine.settle().tick(1_000).settle();
  const news = machine.news();
  assert.ok(news.indexOf('tearDownPod') < news.indexOf('setUpPod'), news.join(', '));
  assert.ok(news.includes('startContainer app'));
  assert.deepEqual([...machine.world.pods.keys()], ['new']);
});

test('Of 300 versions in quick succession the last one runs, once', () => {
  const machine = new Machine().connect();
  for (let i = 0; i < 300; i++) machine.give([aPod({ uid: `v${i}` })]).step();
  machine.settle(5_000).tick(2_000).settle(5_000);
  assert.deepEqual([...machine.world.pods.keys()], ['v299']);
  assert.equal([...machine.containers.values()].filter((c) => c.state === 'running').length, 1);
  assert.equal([...machine.sandboxes.values()].filter((s) => s.state === 'ready').length, 1);
});

test('What already runs is adopted: nothing is started again and the restart count is kept', () => {
  const first = new Machine().connect().give([aPod()]).settle();
  first.exit('app', 1).settle();
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second.connect().give([aPod()]).settle();
  assert.deepEqual(second.news(), ['setUpPod']);
  assert.equal(second.status()?.containerStatuses?.[0]?.restartCount, 1);
  assert.equal(second.status()?.phase, 'Running');
});

test('What no manifest gives is removed, but only after every source has delivered', () => {
  const first = new Machine().connect().give([aPod()]).settle();
  const second = new Machine(['dir', 'url']);
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second.connect().give([], 'dir').settle();
  assert.deepEqual(second.news(), []);
  second.give([], 'url').settle().tick(1_000).settle();
  assert.equal(second.world.pods.size, 0);
  assert.equal(second.sandboxes.size, 0);
});

test('A pod whose directory was found before its manifest and before the runtime answered is adopted', () => {
  const first = new Machine().connect().give([aPod()]).settle();
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  second.containers = first.containers;
  second.tell({ kind: 'podDirectories', at: second.now(), podUids: ['uid-web'] });
  second.give([aPod()]).connect().settle();
  assert.deepEqual(second.news(), ['setUpPod']);
  assert.equal(second.status()?.phase, 'Running');
});

test('A directory that no manifest and no object of the runtime accounts for is removed', () => {
  const machine = new Machine();
  machine.tell({ kind: 'podDirectories', at: machine.now(), podUids: ['lost'] });
  machine.give([]).connect().settle().tick(1_000).settle();
  assert.deepEqual(machine.news(), ['tearDownPod', 'removeLogs']);
  assert.equal(machine.world.pods.size, 0);
});

test('A created container that was never started is started, not made again', () => {
  const first = new Machine().connect().give([aPod()]).settle();
  const second = new Machine();
  second.sandboxes = first.sandboxes;
  for (const [id, c] of first.containers) second.containers.set(id, { ...c, state: 'created' });
  second.connect().give([aPod()]).settle();
  assert.deepEqual(second.news(), ['setUpPod', 'startCreated app']);
});

test('A sandbox that died is replaced, with init containers run again and app containers after them', () => {
  const machine = new Machine().connect().give([INIT_POD]).settle();
  machine.exit('first', 0).settle().exit('second', 0).settle();
  machine.news();
  const [sandbox] = machine.sandboxes.values();
  assert.ok(sandbox);
  machine.sandboxes.set(sandbox.id, { ...sandbox, state: 'notReady' });
  machine.look().settle();
  assert.deepEqual(machine.news(), [
    'stopContainer log 30s',
    'stopContainer app 30s',
    'stopSandbox',
    'removeContainer',
    'removeContainer',
    'createSandbox 1',
    'inspectImage first',
    'startContainer first',
  ]);
});

test('After an outcome in doubt nothing is done before a newer look', () => {
  const machine = new Machine().connect().give([aPod()]).step();
  machine.news();
  machine.fail({ kind: 'unknownOutcome', reason: 'FailedCreatePodSandBox', message: 'deadline' });
  machine.pending = [];
  machine.tick(60_000);
  assert.deepEqual(machine.news(), []);
  machine.look();
  assert.deepEqual(machine.news().slice(0, 1), ['createSandbox 0']);
});

test('A stopped pod stays stopped over a restart of the runner, and starts when asked', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.request('stop', 'default/web').settle().tick(1_000).settle();
  assert.equal(machine.sandboxes.size, 0);
  const again = new Machine(['dir'], { stopped: machine.world.stopped }).connect().give([aPod()]).settle();
  assert.deepEqual(again.news(), ['tearDownPod']);
  again.request('start', 'default/web').settle();
  assert.equal(again.status()?.phase, 'Running');
});

test('A changed manifest starts a stopped pod', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.request('stop', 'default/web').settle().tick(1_000).settle();
  machine.give([aPod({ uid: 'changed' })]).settle();
  assert.equal(machine.status()?.phase, 'Running');
});

test('A restarted pod ends and starts anew, without back-off', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.exit('app', 1).settle().exit('app', 1).settle();
  machine.request('restart', 'default/web').settle().tick(1_000).settle();
  assert.equal(machine.status()?.phase, 'Running');
  assert.equal([...machine.containers.values()].filter((c) => c.state === 'running').length, 1);
});

test('A pod that completed keeps its containers for their logs until its manifest goes', () => {
  const pod = aPod({ spec: { restartPolicy: 'OnFailure' } });
  const machine = new Machine().connect().give([pod]).settle();
  machine.exit('app', 0).settle();
  assert.equal(machine.status()?.phase, 'Succeeded');
  assert.equal(machine.containers.size, 1);
  assert.equal(machine.status()?.podIP, '10.0.0.1');
  machine.give([]).settle().tick(1_000).settle();
  assert.equal(machine.containers.size, 0);
  assert.equal(machine.sandboxes.size, 0);
});

for (const order of ['sources first', 'runtime first'] as const) {
  test(`After a restart the one of two documents that runs stays, even if it comes second (${order})`, () => {
    const [first, second] = [aPod({ uid: 'first' }), aPod({ uid: 'second' })];
    const before = new Machine().connect().give([second]).settle();
    const after = new Machine();
    after.sandboxes = before.sandboxes;
    after.containers = before.containers;
    if (order === 'sources first') after.give([first, second]).connect();
    else after.connect().give([first, second]);
    after.settle();
    assert.deepEqual(
      after.history.filter((word) => word.startsWith('stop')),
      [],
    );
    assert.deepEqual(
      after.world.conflicts.map((c) => [c.kept.uid, c.refused.uid]),
      [['second', 'first']],
    );
  });
}

test('Of two documents with one name the one that runs stays and the conflict is told', () => {
  const machine = new Machine()
    .connect()
    .give([aPod({ uid: 'a' })])
    .settle();
  machine.give([aPod({ uid: 'b' }), aPod({ uid: 'a' })]).settle();
  assert.deepEqual([...machine.world.pods.keys()], ['a']);
  assert.deepEqual(
    machine.world.conflicts.map((c) => [c.kept.uid, c.refused.uid]),
    [['a', 'b']],
  );
});

test('A pull that fails is told, waits 10 s, and is told as back-off meanwhile', () => {
  const machine = new Machine();
  machine.images.clear();
  machine.connect().give([aPod()]);
  while (machine.pending[0] !== undefined && machine.pending[0].kind !== 'pullImage') machine.step();
  machine.fail({ kind: 'refused', reason: 'ErrImagePull', message: 'no such host' });
  assert.equal(machine.status()?.containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImagePull');
  machine.tick(6_000);
  assert.equal(machine.status()?.containerStatuses?.[0]?.state?.waiting?.reason, 'ImagePullBackOff');
  const told = machine.world.events.filter((e) => e.reason === 'BackOff');
  assert.deepEqual(
    told.map((e) => [e.type, e.message, e.count]),
    [['Normal', 'Back-off pulling image "localhost/busybox:1"', 1]],
  );
  machine.news();
  machine.tick(4_500).settle();
  assert.deepEqual(machine.news(), ['inspectImage app', 'pullImage app', 'startContainer app']);
});

test('An old look does not undo what an outcome taught since', () => {
  const machine = new Machine().connect().give([aPod()]);
  const startedAt = machine.now().mono;
  machine.settle();
  machine.news();
  machine.tell({ kind: 'observed', at: machine.now(), startedAt, observation: { sandboxes: [], containers: [] } });
  assert.deepEqual(machine.news(), []);
  assert.equal(machine.status()?.phase, 'Running');
});

test('The same inputs give the same turns', () => {
  const story = (): Machine => {
    const machine = new Machine()
      .connect()
      .give([INIT_POD, aPod({ name: 'other' })])
      .settle();
    return machine.exit('first', 1).settle().tick(11_000).settle().give([aPod()]).settle().tick(2_000).settle();
  };
  const [a, b] = [story(), story()];
  assert.deepEqual(a.history, b.history);
  assert.deepEqual(a.world, b.world);
});

test('What the set-up of a pod warns of becomes its events', () => {
  const machine = new Machine().connect().give([aPod()]);
  const action = machine.pending.shift();
  assert.ok(action?.kind === 'setUpPod');
  const facts = { warnings: [{ reason: 'MissingClusterDNS', message: 'there is none' }] };
  machine.tell({ kind: 'outcome', at: machine.now(), action, result: { ok: true, facts } }).settle();
  assert.deepEqual(
    machine.world.events.filter((e) => e.type === 'Warning').map((e) => [e.reason, e.message, e.count]),
    [['MissingClusterDNS', 'there is none', 1]],
  );
});

test('A number that only a late look has seen is used up all the same', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  const [app] = machine.containers.values();
  assert.ok(app);
  const observation = { sandboxes: [...machine.sandboxes.values()], containers: [{ ...app, id: 'late', attempt: 3 }] };
  machine.tell({ kind: 'observed', at: machine.now(), startedAt: 0, observation });
  machine.exit('app', 1).settle();
  assert.deepEqual(
    [...machine.containers.values()].map((c) => c.attempt),
    [0, 4],
  );
});

test('An init container whose own rule tries it again does not make its pod fail', () => {
  const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }];
  const init = aContainer('init', { restartPolicy: 'Never', restartPolicyRules });
  const machine = new Machine()
    .connect()
    .give([aPod({ spec: { restartPolicy: 'Never', initContainers: [init] } })])
    .settle();
  machine.exit('init', 3).settle();
  assert.equal(machine.status()?.phase, 'Pending');
  machine.exit('init', 0).settle();
  assert.equal(machine.status()?.phase, 'Running');
});

test('An init container that somebody removed still counts as completed', () => {
  const pod = aPod({ spec: { initContainers: [aContainer('init')] } });
  const machine = new Machine().connect().give([pod]).settle();
  machine.exit('init', 0).settle();
  const next = new Machine();
  next.sandboxes = machine.sandboxes;
  next.containers = new Map([...machine.containers].filter(([, c]) => c.name !== 'init'));
  next.connect().give([pod]).settle();
  const [init] = next.status()?.initContainerStatuses ?? [];
  assert.deepEqual([init?.ready, init?.state?.terminated?.reason, init?.restartCount], [true, 'Completed', 0]);
  assert.equal(next.status()?.phase, 'Running');
  assert.ok(!next.news().some((n) => n.startsWith('startContainer')));
});

test('A container whose definition changed starts again under any restart policy, and its pod does not end', () => {
  for (const restartPolicy of ['Always', 'OnFailure', 'Never'] as const) {
    const version = (image: string) => {
      const pod = aPod({ spec: { restartPolicy, containers: [aContainer('app', { image })] } });
      return { ...pod, hash: image };
    };
    const machine = new Machine()
      .connect()
      .give([version('localhost/busybox:1')])
      .settle();
    const [app] = machine.containers.values();
    assert.ok(app);
    machine.containers.set(app.id, { ...app, specHash: 'of-the-old-image' });
    machine.look();
    machine.news();
    machine.give([version('localhost/busybox:2')]);
    const [stop] = machine.pending;
    assert.equal(stop?.kind, 'stopContainer');
    machine.step();
    assert.equal(machine.status()?.phase, 'Running', restartPolicy);
    machine.settle();
    assert.deepEqual(machine.news().slice(-1), ['startContainer app'], restartPolicy);
  }
});

test('Before the runtime has been looked at nothing is said of a pod that may run', () => {
  const machine = new Machine().give([aPod()]);
  assert.deepEqual(machine.status(), { phase: 'Unknown' });
  assert.equal(machine.connect().status()?.phase, 'Pending');
});

test('A pod that initialises anew in a new sandbox is pending', () => {
  const machine = new Machine()
    .connect()
    .give([aPod({ spec: { initContainers: [aContainer('init')] } })])
    .settle();
  machine.exit('init', 0).settle();
  assert.equal(machine.status()?.phase, 'Running');
  for (const s of machine.sandboxes.values()) machine.sandboxes.set(s.id, { ...s, state: 'notReady' });
  machine.look().settle();
  assert.equal(machine.status()?.phase, 'Pending');
  machine.exit('init', 0).settle();
  assert.equal(machine.status()?.phase, 'Running');
});

test('A container that is being started again is not yet shown with the delay of the start after that', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.exit('app', 1).settle();
  machine.exit('app', 1).settle().tick(6_000);
  const message = () => machine.status()?.containerStatuses?.[0]?.state?.waiting?.message ?? '';
  assert.match(message(), /^back-off 10s /);
  machine.tick(5_000).step();
  assert.deepEqual(
    machine.pending.map((a) => a.kind),
    ['startContainer'],
  );
  assert.match(message(), /^back-off 10s /);
});

test('The first restart is not shown as held back, however long it takes to start', () => {
  const machine = new Machine().connect().give([aPod()]).settle();
  machine.exit('app', 1).step();
  assert.deepEqual(
    machine.pending.map((a) => a.kind),
    ['startContainer'],
  );
  machine.tick(6_000).look();
  assert.ok(machine.status()?.containerStatuses?.[0]?.state?.terminated !== undefined);
});
