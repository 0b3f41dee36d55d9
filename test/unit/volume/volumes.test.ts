import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredSpec } from '../../../src/api/desiredPod.ts';
import type { Volume } from '../../../src/api/kubernetes.ts';
import type { Neighbour } from '../../../src/api/neighbour.ts';
import { hostsText, mountsOwnHosts } from '../../../src/volume/containerFiles.ts';
import { containerDirectory, podDirectory, readyMarker, volumeDirectory } from '../../../src/volume/layout.ts';
import { fsGroupMode } from '../../../src/volume/ownership.ts';
import { volumeKind, volumeType } from '../../../src/volume/registry.ts';
import { aContainer, aPod } from '../../support/pods.ts';

describe('volumeType', () => {
  const cases: readonly (readonly [Volume, string, boolean])[] = [
    [{ name: 'x' }, 'emptyDir', true],
    [{ name: 'x', emptyDir: {} }, 'emptyDir', true],
    [{ name: 'x', hostPath: { path: '/' } }, 'hostPath', true],
    [{ name: 'x', downwardAPI: {} }, 'downwardAPI', true],
    [{ name: 'x', configMap: {} }, 'configMap', true],
    [{ name: 'x', secret: {} }, 'secret', true],
    [{ name: 'x', projected: {} }, 'projected', true],
    [{ name: 'x', csi: { driver: 'd' } }, 'csi', false],
  ];
  for (const [volume, kind, implemented] of cases) {
    it(`of ${JSON.stringify(volume)} is ${implemented ? kind : 'none'}`, () => {
      assert.equal(volumeKind(volume), kind);
      assert.equal(volumeType(volume) !== undefined, implemented);
    });
  }
});

describe('hostsText', () => {
  const neighbours: readonly Neighbour[] = [];
  const facts = { podIPs: ['10.1.1.1'], neighbours, clusterDomain: 'lab', hostFile: '127.0.0.1 host\n' };
  const hostAliases = [{ ip: '192.0.2.7', hostnames: ['db'] }];
  const cases: readonly (readonly [string, Partial<DesiredSpec>, readonly string[], string | undefined])[] = [
    ['ends with the address of the pod', {}, ['10.1.1.1'], '10.1.1.1\tweb'],
    ['is not managed before there is an address', {}, [], undefined],
    ["is the runtime's on the host's network", { hostNetwork: true }, [], undefined],
    [
      'is managed there for a pod that asks for the names of the cluster',
      { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
      [],
      '127.0.0.1 host',
    ],
    ['is managed there to add aliases', { hostNetwork: true, hostAliases }, [], '192.0.2.7\tdb'],
  ];
  for (const [name, spec, podIPs, lastLine] of cases) {
    it(name, () => {
      const text = hostsText(aPod({ spec }), { ...facts, podIPs });
      assert.equal(text?.trimEnd().split('\n').at(-1), lastLine);
    });
  }

  it('ends with the other pods of the node', () => {
    const db = { uid: 'u', namespace: 'default', name: 'db', shortName: 'db', host: 'db', ips: ['10.1.1.2'] };
    const text = hostsText(aPod(), { ...facts, neighbours: [db] });
    assert.equal(text?.split('10.1.1.1\tweb')[1], '\n\n# Pods of this node.\n10.1.1.2\tdb\tdb.default\n');
  });

  it('is not managed in a container that mounts its own', () => {
    const container = aContainer('app', { volumeMounts: [{ name: 'x', mountPath: '/etc/hosts' }] });
    assert.deepEqual([mountsOwnHosts(container), mountsOwnHosts(aContainer('app'))], [true, false]);
  });
});

describe('fsGroupMode', () => {
  const cases = [
    [0o777, 'directory', 'readWrite', 0o2777],
    [0o1777, 'directory', 'readWrite', 0o3777],
    [0o755, 'directory', 'readOnly', 0o2755],
    [0o700, 'directory', 'readWrite', 0o2770],
    [0o600, 'file', 'readWrite', 0o660],
    [0o600, 'file', 'readOnly', 0o640],
    [0o400, 'file', 'readOnly', 0o440],
  ] as const;
  for (const [mode, kind, access, expected] of cases) {
    it(`makes a ${access} ${kind} of mode ${mode.toString(8)} one of ${expected.toString(8)}`, () =>
      assert.equal(fsGroupMode(mode, { kind, access }), expected));
  }
});

describe('layout', () => {
  it('is the layout of the kubelet', () => {
    const pod = podDirectory('/root', 'u-1');
    assert.deepEqual(
      [pod, volumeDirectory(pod, 'kubernetes.io~empty-dir', 'v'), readyMarker(pod, 'kubernetes.io~empty-dir', 'v')],
      [
        '/root/pods/u-1',
        '/root/pods/u-1/volumes/kubernetes.io~empty-dir/v',
        '/root/pods/u-1/plugins/kubernetes.io~empty-dir/v/ready',
      ],
    );
  });

  for (const name of ['..', '.', '', 'a/../../b', '/etc', 'a\0']) {
    it(`has no place for ${JSON.stringify(name)}`, () => {
      assert.throws(() => podDirectory('/root', name));
      assert.throws(() => volumeDirectory('/root/pods/u', 'kubernetes.io~empty-dir', name));
      assert.throws(() => containerDirectory('/root/pods/u', name));
    });
  }
});
