import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredPod } from '../../../src/api/desiredPod.ts';
import { fieldValue, formatMap, resourceValue } from '../../../src/api/downwardApi.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const FACTS = { nodeName: 'node', hostIPs: ['192.0.2.1', '2001:db8::1'], podIPs: ['10.1.2.3', 'fd00::3'] };
const ALLOCATABLE = { milliCpu: 3500, memoryBytes: 8 * 2 ** 30, ephemeralStorageBytes: 100e9 };

function labelled(): DesiredPod {
  const pod = aPod({ spec: { serviceAccountName: 'robot' } });
  return { ...pod, metadata: { ...pod.metadata, labels: { app: 'web', 'a.b/c': 'x' }, annotations: { note: 'a\nb' } } };
}

describe('fieldValue', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['metadata.name', 'web'],
    ['metadata.namespace', 'default'],
    ['metadata.uid', 'uid-web'],
    ['metadata.labels', 'a.b/c="x"\napp="web"'],
    ['metadata.annotations', 'note="a\\nb"'],
    ["metadata.labels['a.b/c']", 'x'],
    ["metadata.labels['missing']", ''],
    ["metadata.labels['constructor']", ''],
    ["metadata.annotations['note']", 'a\nb'],
    ['spec.nodeName', 'node'],
    ['spec.serviceAccountName', 'robot'],
    ['status.hostIP', '192.0.2.1'],
    ['status.hostIPs', '192.0.2.1,2001:db8::1'],
    ['status.podIP', '10.1.2.3'],
    ['status.podIPs', '10.1.2.3,fd00::3'],
    ['spec.restartPolicy', undefined],
    ["metadata.finalizers['x']", undefined],
    ['', undefined],
  ];
  for (const [path, value] of cases) {
    it(`gives ${JSON.stringify(value)} for ${path}`, () => assert.equal(fieldValue(labelled(), path, FACTS), value));
  }

  it("gives the node's addresses to a pod on the host's network", () => {
    const pod = aPod({ spec: { hostNetwork: true } });
    assert.equal(fieldValue(pod, 'status.podIPs', { ...FACTS, podIPs: [] }), '192.0.2.1,2001:db8::1');
  });

  it('gives empty text for addresses that are not known yet', () => {
    const none = { nodeName: 'node', hostIPs: [], podIPs: [] };
    assert.equal(fieldValue(aPod(), 'status.podIP', none), '');
    assert.equal(fieldValue(aPod(), 'status.hostIP', none), '');
  });
});

describe('formatMap', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain text', '"plain text"'],
    ['say "hi" \\o/', '"say \\"hi\\" \\\\o/"'],
    ['tab\tbell\x07\x00', '"tab\\tbell\\a\\x00"'],
    ['Käse 漢 😀', '"Käse 漢 😀"'],
    ['\u00a0\u202e', '"\\u00a0\\u202e"'],
  ];
  for (const [value, quoted] of cases) {
    it(`quotes ${JSON.stringify(value)} as ${quoted}`, () => assert.equal(formatMap({ k: value }), `k=${quoted}`));
  }

  it('is empty without entries', () => assert.equal(formatMap({}), ''));
});

describe('resourceValue', () => {
  const pod = aPod({
    spec: {
      containers: [
        aContainer('full', {
          resources: {
            requests: { cpu: '250m', memory: '16Mi', 'hugepages-2Mi': '4Mi' },
            limits: { cpu: '1500m', memory: '64Mi', 'hugepages-2Mi': '4Mi' },
          },
        }),
        aContainer('bare'),
      ],
      initContainers: [aContainer('init', { resources: { limits: { cpu: '2' } } })],
    },
  });
  const cases: readonly (readonly [string, string, string | undefined, string | undefined])[] = [
    ['full', 'limits.cpu', undefined, '2'],
    ['full', 'limits.cpu', '1m', '1500'],
    ['full', 'limits.cpu', '0', '2'],
    ['full', 'requests.cpu', undefined, '1'],
    ['full', 'requests.cpu', '1m', '250'],
    ['full', 'limits.memory', undefined, '67108864'],
    ['full', 'limits.memory', '1Mi', '64'],
    ['full', 'requests.memory', '1Ki', '16384'],
    ['full', 'requests.memory', '3Mi', '6'],
    ['full', 'limits.hugepages-2Mi', '1Mi', '4'],
    ['bare', 'limits.cpu', undefined, '4'],
    ['bare', 'limits.cpu', '1m', '3500'],
    ['bare', 'limits.memory', undefined, '8589934592'],
    ['bare', 'limits.ephemeral-storage', '1G', '100'],
    ['bare', 'requests.memory', undefined, '0'],
    ['init', 'limits.cpu', undefined, '2'],
    ['gone', 'limits.cpu', undefined, undefined],
    ['full', 'limits.gpu', undefined, undefined],
    ['full', 'cpu', undefined, undefined],
    ['full', 'limits.cpu', 'half', undefined],
  ];
  for (const [container, resource, divisor, value] of cases) {
    it(`gives ${value} for ${resource} of ${container} by ${divisor ?? 'default'}`, () =>
      assert.equal(resourceValue(pod, container, resource, divisor, ALLOCATABLE), value));
  }
});
