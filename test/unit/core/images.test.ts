// Stories about images: what is looked for, what is pulled, what people are told, and when it is tried again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../src/api/fault.ts';
import { Machine } from '../../support/machine.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const IMAGE = 'reg.example/app';
const WITH_SECRET = aPod({
  spec: { containers: [aContainer('app', { image: IMAGE })], imagePullSecrets: [{ name: 's' }, { name: 't' }] },
});

function withPolicy(imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never', image = IMAGE) {
  return aPod({ spec: { containers: [aContainer('app', { image, imagePullPolicy })] } });
}

/** A machine whose pod has its sandbox; what is handed out next is about the image. */
function upToTheImage(pod = withPolicy('IfNotPresent')): Machine {
  const machine = new Machine().connect().give([pod]).step();
  while (machine.pending[0]?.kind === 'createSandbox') machine.step();
  machine.news();
  return machine;
}

function refused(reason: string, message: string): Fault {
  return { kind: 'refused', reason, message };
}

function events(machine: Machine): readonly string[] {
  const about = machine.world.events.filter(({ fieldPath }) => fieldPath === 'spec.containers{app}');
  return about.map(
    ({ type, reason, message, count }) => `${type} ${reason} ${message}${count > 1 ? ` x${count}` : ''}`,
  );
}

function waiting(machine: Machine) {
  return machine.status()?.containerStatuses?.[0]?.state?.waiting;
}

test('An image that is here is not pulled, and that is said', () => {
  const machine = upToTheImage(withPolicy('IfNotPresent', 'localhost/busybox:1')).settle();
  assert.deepEqual(machine.news(), ['startContainer app']);
  assert.equal(events(machine)[0], 'Normal Pulled Container image "localhost/busybox:1" already present on machine');
});

test('An image that is not here is pulled once, with its name as it was written', () => {
  const machine = upToTheImage().step().tick(2_000).settle();
  assert.deepEqual(machine.news(), ['pullImage app', 'startContainer app']);
  assert.deepEqual(events(machine).slice(0, 2), [
    'Normal Pulling Pulling image "reg.example/app"',
    'Normal Pulled Successfully pulled image "reg.example/app" in 5ms (2.001s including waiting). Image size: 1 bytes.',
  ]);
});

test('With the policy Always nobody looks on this machine first', () => {
  const machine = new Machine()
    .connect()
    .give([withPolicy('Always', 'localhost/busybox:1')])
    .settle();
  assert.deepEqual(machine.news(), ['setUpPod', 'createSandbox 0', 'pullImage app', 'startContainer app']);
});

test('A pull that found the image brought by another pod is told as that', () => {
  const machine = upToTheImage().step();
  const [action] = machine.pending.splice(0);
  assert.equal(action?.kind, 'pullImage');
  if (action === undefined) return;
  const facts = { image: { ref: 'sha256:1', sizeBytes: 1 } };
  machine.tell({ kind: 'outcome', at: machine.now(), action, result: { ok: true, facts } });
  assert.equal(events(machine)[1], 'Normal Pulled Container image "reg.example/app" already present on machine');
});

test('A pull that fails is tried again after 10, 20, … 300 s, and told as the reference tells it', () => {
  const machine = upToTheImage().step();
  machine.fail(refused('ErrImagePull', 'no route'));
  assert.deepEqual(waiting(machine), { reason: 'ErrImagePull', message: 'no route' });
  machine.tick(5_000);
  const message = 'Back-off pulling image "reg.example/app": ErrImagePull: no route';
  assert.deepEqual(waiting(machine), { reason: 'ImagePullBackOff', message });
  assert.deepEqual(events(machine), [
    'Normal Pulling Pulling image "reg.example/app"',
    'Warning Failed Failed to pull image "reg.example/app": no route',
    'Warning Failed Error: ErrImagePull',
    'Normal BackOff Back-off pulling image "reg.example/app"',
    'Warning Failed Error: ImagePullBackOff',
  ]);
  machine.tick(4_000);
  assert.deepEqual(machine.news(), ['pullImage app']);
  for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
    if (seconds > 10) machine.tick((seconds - 1) * 1_000);
    assert.deepEqual(machine.news(), [], `${seconds} s are not over`);
    machine.tick(1_000);
    assert.equal(machine.news()[0], 'inspectImage app');
    machine.step();
    assert.deepEqual(machine.news(), ['pullImage app']);
    machine.fail(refused('ErrImagePull', 'no route'));
  }
});

test('A pull that succeeds forgets the failures before', () => {
  const machine = upToTheImage().step();
  machine.fail(refused('ErrImagePull', 'no route'));
  machine.tick(10_000).settle();
  assert.equal(machine.status()?.phase, 'Running');
  assert.deepEqual([...machine.world.pods.values()][0]?.startFaults, {});
});

test('Failures of another kind do not make the wait for the next pull longer', () => {
  const machine = upToTheImage();
  for (let times = 0; times < 4; times += 1) {
    machine.fail(refused('ImageInspectError', 'busy'));
    machine.tick(10_000);
  }
  machine.step();
  machine.fail(refused('ErrImagePull', 'no route'));
  machine.tick(9_000).news();
  machine.tick(1_000);
  assert.deepEqual(machine.news(), ['inspectImage app']);
});

const FAILURES: readonly { readonly fault: Fault; readonly told: readonly string[] }[] = [
  {
    fault: refused('ErrImageNeverPull', 'Container image "x" is not present with pull policy of Never'),
    told: [
      'Warning ErrImageNeverPull Container image "x" is not present with pull policy of Never',
      'Warning Failed Error: ErrImageNeverPull',
    ],
  },
  {
    fault: refused('ImageInspectError', 'Failed to inspect image "x": busy'),
    told: ['Warning InspectFailed Failed to inspect image "x": busy', 'Warning Failed Error: ImageInspectError'],
  },
  {
    fault: refused('InvalidImageName', 'Failed to apply default image tag "X": bad'),
    told: [
      'Warning InspectFailed Failed to apply default image tag "X": bad',
      'Warning Failed Error: InvalidImageName',
    ],
  },
];

for (const { fault, told } of FAILURES) {
  test(`${fault.reason} is shown with its reason, and told`, () => {
    const machine = upToTheImage().fail(fault);
    assert.deepEqual(waiting(machine), { reason: fault.reason, message: fault.message });
    assert.deepEqual(events(machine), told);
  });
}

test('A name that is no image reference is told alike when the policy is to pull always', () => {
  const machine = upToTheImage(withPolicy('Always')).fail(refused('InvalidImageName', 'bad'));
  assert.deepEqual(events(machine).slice(1), ['Warning InspectFailed bad', 'Warning Failed Error: InvalidImageName']);
});

test('Pull secrets that are not there are told once, and the pull is tried all the same', () => {
  const machine = upToTheImage(WITH_SECRET).step();
  assert.deepEqual(machine.news(), ['pullImage app']);
  const told = () => machine.world.events.filter(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
  const message = 'Unable to retrieve some image pull secrets (s, t); attempting to pull the image may not succeed.';
  assert.deepEqual(
    told().map((e) => [e.type, e.message, e.count]),
    [['Warning', message, 1]],
  );
  machine.fail(refused('ErrImagePull', 'unauthorized'));
  machine.tick(10_000).step();
  assert.equal(told()[0]?.count, 1);
});

test('A pull secret that appears ends the back-off of a failed pull', () => {
  const machine = upToTheImage(WITH_SECRET).step();
  machine.fail(refused('ErrImagePull', 'unauthorized'));
  machine.news();
  const objects = [{ key: 'Secret/default/s', hash: '1' }];
  machine.tell({ kind: 'objects', at: machine.now(), objects });
  assert.deepEqual(machine.news(), ['inspectImage app']);
});

test('What could not be used for a pull is told beside how the pull went', () => {
  const machine = upToTheImage().step();
  const [action] = machine.pending.splice(0);
  if (action === undefined) return assert.fail('a pull is handed out');
  const warnings = [{ reason: 'UnusableRegistryCredentials', message: 'docker-credential-x is not installed' }];
  const result = { ok: false, fault: refused('ErrImagePull', 'unauthorized'), facts: { warnings } } as const;
  machine.tell({ kind: 'outcome', at: machine.now(), action, result });
  assert.equal(events(machine)[1], 'Warning UnusableRegistryCredentials docker-credential-x is not installed');
});

test('How long a pull has taken, and how far it is, is told while it lasts', () => {
  const machine = upToTheImage().step();
  const [action] = machine.pending;
  if (action?.kind !== 'pullImage') return assert.fail('a pull is handed out');
  const message = (): string | undefined => waiting(machine)?.message;
  assert.deepEqual(waiting(machine), { reason: 'ContainerCreating', message: 'Pulling image "reg.example/app"' });
  machine.tick(25_000);
  assert.equal(message(), 'Pulling image "reg.example/app" for 20s');
  const tell = (bytes: number, isShared: boolean): void => {
    machine.tell({ kind: 'pullProgress', at: machine.now(), action, progress: { bytes, isShared } });
  };
  tell(35_756_441, false);
  assert.equal(message(), 'Pulling image "reg.example/app" for 20s: 34.1MiB so far');
  tell(35_756_441, true);
  const shared = 'Pulling image "reg.example/app" for 20s: 34.1MiB so far, with other pulls at the same time';
  assert.equal(message(), shared);
  const record = [...machine.world.pods.values()][0];
  assert.deepEqual(record?.waitingFor, { reason: 'PullingImage', message: `container app: ${shared}` });
  machine.settle();
  tell(99, false);
  assert.equal(machine.status()?.phase, 'Running');
  assert.deepEqual([...machine.world.pods.values()][0]?.pulls, {});
});

const WITH_IMAGE_VOLUME = aPod({
  spec: {
    volumes: [
      { name: 'data', image: { reference: 'reg.example/data:1', pullPolicy: 'IfNotPresent' } },
      { name: 'unused', image: { reference: 'reg.example/unused:1', pullPolicy: 'Always' } },
    ],
    containers: [aContainer('app', { volumeMounts: [{ name: 'data', mountPath: '/data' }] }), aContainer('other')],
  },
});

test('The image of a volume is fetched before the container that mounts it starts, and told as the pod’s', () => {
  const machine = new Machine().connect().give([WITH_IMAGE_VOLUME]).settle();
  assert.deepEqual(machine.news(), [
    'setUpPod',
    'createSandbox 0',
    'inspectImage app',
    'inspectImage other',
    'pullImage app',
    'inspectImage app',
    'startContainer app',
    'startContainer other',
  ]);
  const told = machine.world.events.filter(({ message }) => message.includes('reg.example'));
  assert.deepEqual(
    told.map(({ reason, fieldPath, message }) => [reason, fieldPath, message.includes('reg.example/data:1')]),
    [
      ['Pulling', undefined, true],
      ['Pulled', undefined, true],
    ],
  );
});

test('A start is given the images of the volumes, and the next start looks for them anew', () => {
  const machine = new Machine().connect().give([WITH_IMAGE_VOLUME]);
  const started = () => machine.pending.find((a) => a.kind === 'startContainer');
  while (started() === undefined) machine.step();
  const start = started();
  assert.deepEqual(start?.kind === 'startContainer' && start.volumeImages, { data: { ref: 'sha256:1', sizeBytes: 1 } });
  machine.settle();
  assert.deepEqual([...machine.world.pods.values()][0]?.images, {});
});

test('A volume whose image cannot be pulled holds back its container and no other', () => {
  const machine = new Machine().connect().give([WITH_IMAGE_VOLUME]);
  while (machine.pending[0]?.kind !== 'pullImage') machine.step();
  machine.fail(refused('ErrImagePull', 'no route')).settle();
  const [app, other] = machine.status()?.containerStatuses ?? [];
  assert.deepEqual(app?.state?.waiting, { reason: 'ErrImagePull', message: 'no route' });
  assert.ok(other?.state?.running);
  machine.tick(5_000);
  const message = 'Back-off pulling image "reg.example/data:1": ErrImagePull: no route';
  assert.deepEqual(waiting(machine), { reason: 'ImagePullBackOff', message });
});
