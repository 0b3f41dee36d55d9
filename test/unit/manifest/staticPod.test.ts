import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredPod } from '../../../src/api/desiredPod.ts';
import type { ObjectMeta, PodSpec } from '../../../src/api/kubernetes.ts';
import { type Identity, toDesiredPod } from '../../../src/manifest/staticPod.ts';

const SPEC: PodSpec = { containers: [{ name: 'app', image: 'nginx:1' }] };
const IDENTITY: Identity = {
  source: 'file',
  nodeName: 'Node-1',
  origin: { location: '/etc/solopod/manifests/web.yaml', line: 1 },
  ignored: ['spec.priority'],
};

function make(metadata: ObjectMeta, spec: PodSpec = SPEC, identity: Partial<Identity> = {}): DesiredPod {
  return toDesiredPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, { ...IDENTITY, ...identity });
}

// These values are what running pods are found by after an upgrade: they must never change.
test('the UID and the hash of a known manifest are what they have always been', () => {
  const { uid, hash } = make({ name: 'web', labels: { app: 'web' } });
  assert.deepEqual([uid, hash], ['eb322413be0e350cf26b651c49233cda', 'ed71c271fbe5960a']);
});

test('a pod gets the identity of a static pod', () => {
  const { key, source, origin, ignored, metadata, spec } = make({
    name: 'web',
    uid: 'abc',
    annotations: { note: 'x' },
  });
  assert.deepEqual(
    { key, source, origin, ignored, metadata, nodeName: spec.nodeName, tolerations: spec.tolerations },
    {
      key: 'default/web-node-1',
      source: 'file',
      origin: IDENTITY.origin,
      ignored: ['spec.priority'],
      metadata: {
        name: 'web-node-1',
        namespace: 'default',
        uid: 'abc',
        labels: {},
        annotations: { note: 'x', 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.hash': 'abc' },
      },
      nodeName: 'node-1',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    },
  );
});

test('a pod from a URL gets no toleration', () => {
  const pod = make({ name: 'web' }, SPEC, { source: 'http' });
  assert.deepEqual(
    [pod.metadata.annotations['kubernetes.io/config.source'], pod.spec.tolerations],
    ['http', undefined],
  );
});

test('the toleration is not added twice', () => {
  const tolerations = [{ effect: 'NoExecute', operator: 'Exists' }];
  assert.deepEqual(make({ name: 'web' }, { ...SPEC, tolerations }).spec.tolerations, tolerations);
});

test('the suffix is added even where it seems to be there', () => {
  assert.equal(make({ name: 'web-node-1' }).key, 'default/web-node-1-node-1');
});

test('annotations that only the runner writes are dropped', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.seen': 'y', keep: 'z' };
  const pod = make({ name: 'web', uid: 'abc', annotations });
  assert.deepEqual(Object.keys(pod.metadata.annotations).toSorted(), [
    'keep',
    'kubernetes.io/config.hash',
    'kubernetes.io/config.source',
  ]);
});

const BASE = make({ name: 'web' });
const CHANGES: readonly (readonly [string, DesiredPod, { readonly uid: boolean; readonly hash: boolean }])[] = [
  ['nothing', make({ name: 'web' }), { uid: false, hash: false }],
  [
    'the place of a document in its file',
    make({ name: 'web' }, SPEC, { origin: { ...IDENTITY.origin, line: 9 } }),
    { uid: false, hash: false },
  ],
  ['the case of the node name', make({ name: 'web' }, SPEC, { nodeName: 'node-1' }), { uid: false, hash: false }],
  ['the image', make({ name: 'web' }, { containers: [{ name: 'app', image: 'nginx:2' }] }), { uid: true, hash: true }],
  ['a label', make({ name: 'web', labels: { a: 'b' } }), { uid: true, hash: true }],
  ['the node', make({ name: 'web' }, SPEC, { nodeName: 'other' }), { uid: true, hash: false }],
  ['the file', make({ name: 'web' }, SPEC, { origin: { location: '/other', line: 1 } }), { uid: true, hash: false }],
];

for (const [title, pod, changes] of CHANGES) {
  test(`when ${title} changes, UID: ${changes.uid}, hash: ${changes.hash}`, () => {
    assert.deepEqual({ uid: pod.uid !== BASE.uid, hash: pod.hash !== BASE.hash }, changes);
  });
}
