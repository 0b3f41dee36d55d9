// Volumes and names that are refused, each with what people can do instead.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadManifest } from '../../../src/manifest/load.ts';

function refusals(volume: object, more: { readonly metadata?: object; readonly workingDir?: string } = {}) {
  const { metadata = {}, workingDir } = more;
  const container = { name: 'app', image: 'a:1', ...(workingDir === undefined ? {} : { workingDir }) };
  const spec = { containers: [container], volumes: [{ name: 'v', ...volume }] };
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec });
  const options = { file: 'a.yaml', location: '/a.yaml', source: 'file', nodeName: 'node' } as const;
  const { pods, diagnostics } = loadManifest(text, options);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(pods.length, errors.length === 0 ? 1 : 0);
  return errors.map(({ path, message }) => `${path}: ${message}`);
}

describe('volumes that nobody makes here', () => {
  const ANY = 'volumes of this type are not implemented';
  const types: readonly (readonly [string, object, string])[] = [
    ['awsElasticBlockStore', { volumeID: 'v' }, ANY],
    ['cephfs', { monitors: ['m'] }, ANY],
    ['csi', { driver: 'd' }, 'inline CSI volumes need a driver that registers with an API server'],
    ['fc', { wwids: ['w'] }, ANY],
    ['glusterfs', { endpoints: 'e', path: 'p' }, ANY],
    ['iscsi', { targetPortal: 'a', iqn: 'b', lun: 0 }, ANY],
    ['rbd', { monitors: ['m'], image: 'i' }, ANY],
    [
      'ephemeral',
      {
        volumeClaimTemplate: {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      },
      'there are no storage classes: use a persistentVolumeClaim or an emptyDir',
    ],
    [
      'gitRepo',
      { repository: 'https://example.com/r' },
      'git would run on the host: clone in an init container into an emptyDir',
    ],
  ];
  for (const [type, source, reason] of types) {
    it(`${type === 'gitRepo' ? 'S-VOL-12 ' : ''}${type} is refused by name`, () =>
      assert.deepEqual(refusals({ [type]: source }), [
        `spec.volumes[0].${type}: valid, but solopod refuses it: ${reason}`,
      ]));
  }
});

describe('names that would be paths', () => {
  for (const name of ['..', 'a/b', '../../etc', 'a_b', 'Ü']) {
    it(`S-VOL-10 S-FS-7 a volume or pod may not be named ${JSON.stringify(name)}`, () => {
      assert.equal(refusals({ name, emptyDir: {} }).length, 1);
      assert.notEqual(refusals({ emptyDir: {} }, { metadata: { name } }).length, 0);
      assert.notEqual(refusals({ emptyDir: {} }, { metadata: { namespace: name } }).length, 0);
    });
  }

  it('S-VOL-10 S-FS-7 a uid may not be a path', () => {
    for (const uid of ['..', 'a/b', '../../etc'])
      assert.notEqual(refusals({ emptyDir: {} }, { metadata: { uid } }).length, 0, uid);
  });

  it('S-VOL-7 a working directory is not among the descriptors of the runtime', () => {
    for (const workingDir of ['/proc/self/fd/7', '/proc/1/fd/7/../..'])
      assert.notEqual(refusals({ emptyDir: {} }, { workingDir }).length, 0, workingDir);
  });
});
