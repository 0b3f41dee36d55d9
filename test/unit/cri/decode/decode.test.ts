import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeContainer, decodeContainerStatus } from '../../../../src/cri/decode/container.ts';
import { decodeImage } from '../../../../src/cri/decode/image.ts';
import { decodeSandbox } from '../../../../src/cri/decode/sandbox.ts';
import { canMountRecursivelyReadOnly, decodeStatus } from '../../../../src/cri/decode/status.ts';
import { decodeOptionalTime, decodeTime } from '../../../../src/cri/decode/time.ts';
import type { ReadContainerStatus, ReadSandboxStatus } from '../../../../src/cri/messages.ts';

const LABELS = { 'io.kubernetes.pod.uid': 'uid', 'io.kubernetes.container.name': 'app' };
const ANNOTATIONS = { 'io.kubernetes.container.restartCount': '4', 'io.kubernetes.container.hash': 'abc' };

describe('times', () => {
  it('keep a fraction of a millisecond that a double of nanoseconds would lose', () => {
    assert.equal(decodeTime(1_795_230_800_985_250_000n), 1_795_230_800_985.25);
    assert.equal(decodeTime(1_000_000n), 1);
  });
  it('that are not set are undefined', () => {
    assert.deepEqual([0n, -62_135_596_800_000_000_000n].map(decodeOptionalTime), [undefined, undefined]);
  });
});

const STATUS: ReadContainerStatus = {
  id: 'c1',
  metadata: { name: 'app', attempt: 4 },
  state: 'CONTAINER_EXITED',
  createdAt: 1_000_000_000n,
  startedAt: 2_000_000_000n,
  finishedAt: 3_000_000_000n,
  exitCode: 0,
  image: { image: 'localhost/busybox:1' },
  imageRef: 'sha256:1',
  reason: 'Completed',
  message: '',
  labels: LABELS,
  annotations: ANNOTATIONS,
  mounts: [],
  logPath: '/var/log/pods/x/app/4.log',
};

describe('containers', () => {
  it('have every fact of an exited one', () => {
    assert.deepEqual(decodeContainerStatus(STATUS, 's1'), {
      id: 'c1',
      podUid: 'uid',
      sandboxId: 's1',
      name: 'app',
      attempt: 4,
      state: 'exited',
      createdAt: 1000,
      startedAt: 2000,
      finishedAt: 3000,
      exitCode: 0,
      reason: 'Completed',
      image: 'localhost/busybox:1',
      imageRef: 'sha256:1',
      specHash: 'abc',
      logPath: '/var/log/pods/x/app/4.log',
      labels: LABELS,
      annotations: ANNOTATIONS,
    });
  });

  it('have no exit code before they exit, and no times that are not set', () => {
    const running = decodeContainerStatus({ ...STATUS, state: 'CONTAINER_RUNNING', finishedAt: 0n, reason: '' }, 's1');
    assert.deepEqual(
      [running?.state, running?.exitCode, running && 'finishedAt' in running, running && 'reason' in running],
      ['running', undefined, false, false],
    );
  });

  const states = [
    ['CONTAINER_CREATED', 'created'],
    ['CONTAINER_UNKNOWN', 'unknown'],
    ['7', 'unknown'],
  ] as const;
  for (const [state, expected] of states) {
    it(`in ${state} are ${expected}`, () =>
      assert.equal(decodeContainerStatus({ ...STATUS, state }, 's')?.state, expected));
  }

  it('count restarts by the annotation, else by the attempt', () => {
    const attempt = (annotations: { [key: string]: string }) =>
      decodeContainerStatus({ ...STATUS, annotations, metadata: { name: 'app', attempt: 9 } }, 's')?.attempt;
    assert.deepEqual(
      [attempt(ANNOTATIONS), attempt({}), attempt({ 'io.kubernetes.container.restartCount': 'x' })],
      [4, 9, 9],
    );
  });

  it('of a list lack what only a status has', () => {
    const listed = decodeContainer({
      id: 'c1',
      podSandboxId: 's1',
      metadata: { name: 'app', attempt: 4 },
      image: { image: 'sha256:1' },
      imageRef: 'sha256:1',
      state: 'CONTAINER_RUNNING',
      createdAt: 1_000_000_000n,
      labels: LABELS,
      annotations: ANNOTATIONS,
    });
    assert.deepEqual(
      [listed?.sandboxId, listed?.state, listed?.logPath, listed?.startedAt],
      ['s1', 'running', '', undefined],
    );
  });

  it('without a pod uid are none of ours', () => {
    assert.equal(decodeContainerStatus({ ...STATUS, labels: {} }, 's1'), undefined);
  });
});

const SANDBOX: ReadSandboxStatus = {
  id: 's1',
  metadata: { name: 'web', uid: 'uid', namespace: 'default', attempt: 1 },
  state: 'SANDBOX_READY',
  createdAt: 1_000_000n,
  labels: LABELS,
  annotations: {},
  network: { ip: '10.0.0.2', additionalIps: [{ ip: 'fd00::2' }] },
  linux: { namespaces: { options: { network: 'POD' } } },
};

describe('sandboxes', () => {
  it('have every fact of a ready one', () => {
    assert.deepEqual(decodeSandbox(SANDBOX), {
      id: 's1',
      podUid: 'uid',
      name: 'web',
      namespace: 'default',
      attempt: 1,
      state: 'ready',
      createdAt: 1,
      ips: ['10.0.0.2', 'fd00::2'],
      network: 'pod',
      labels: LABELS,
      annotations: {},
    });
  });
  it('on the host’s network have no address', () => {
    const linux = { namespaces: { options: { network: 'NODE' } } };
    const sandbox = decodeSandbox({ ...SANDBOX, linux, network: { ip: '', additionalIps: [] } });
    assert.deepEqual([sandbox?.network, sandbox?.ips], ['node', []]);
  });
  it('that are not ready say so', () => {
    assert.equal(decodeSandbox({ ...SANDBOX, state: 'SANDBOX_NOTREADY', network: null })?.state, 'notReady');
  });
});

describe('images', () => {
  const image = { id: 'sha256:1', repoTags: [], repoDigests: [], size: 7n, uid: null, username: '', pinned: false };
  it('are named by what the pull answered, else by their id', () => {
    assert.deepEqual(decodeImage(image), { ref: 'sha256:1', sizeBytes: 7 });
    assert.deepEqual(decodeImage(image, 'x@sha256:2'), { ref: 'x@sha256:2', sizeBytes: 7 });
  });
  it('carry the user that they ask for', () => {
    assert.deepEqual(decodeImage({ ...image, uid: { value: 0n } }), { ref: 'sha256:1', sizeBytes: 7, uid: 0 });
    assert.deepEqual(decodeImage({ ...image, username: 'n' }), { ref: 'sha256:1', sizeBytes: 7, username: 'n' });
  });
});

describe('the runtime’s status', () => {
  it('has both required conditions; one that is not reported is not met', () => {
    const conditions = [{ type: 'RuntimeReady', status: true, reason: '', message: '' }];
    assert.deepEqual(decodeStatus({ status: { conditions }, runtimeHandlers: [], features: null, info: {} }), {
      runtime: { ok: true, reason: '', message: '' },
      network: { ok: false, reason: 'NetworkReadyMissing', message: 'The runtime reports no NetworkReady' },
      features: { supplementalGroupsPolicy: false, userNamespaces: [], recursiveReadOnly: false },
    });
  });
  it('names the handlers that have user namespaces, and tells of the groups policy', () => {
    const able = { recursiveReadOnlyMounts: false, userNamespaces: true };
    const runtimeHandlers = [
      { name: '', features: able },
      { name: 'old', features: { ...able, userNamespaces: false } },
      { name: 'silent', features: null },
      { name: 'runc', features: able },
    ];
    const features = { supplementalGroupsPolicy: true };
    assert.deepEqual(decodeStatus({ status: null, runtimeHandlers, features, info: {} }).features, {
      supplementalGroupsPolicy: true,
      userNamespaces: ['', 'runc'],
      recursiveReadOnly: false,
    });
  });
  it('says whether the default handler can mount recursively read-only', () => {
    const features = { recursiveReadOnlyMounts: true, userNamespaces: false };
    const handlers = [{ name: 'other', features }];
    assert.equal(canMountRecursivelyReadOnly({ runtimeHandlers: handlers }), false);
    assert.equal(canMountRecursivelyReadOnly({ runtimeHandlers: [...handlers, { name: '', features }] }), true);
  });
});
