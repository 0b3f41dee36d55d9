import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectKey } from '../../../src/api/dataObject.ts';
import type { DesiredSpec } from '../../../src/api/desiredPod.ts';
import { mountedVolumes, objectsOfPod } from '../../../src/api/podObjects.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const mounts = (...names: readonly string[]) => ({
  volumeMounts: names.map((name) => ({ name, mountPath: `/${name}` })),
});

describe('mountedVolumes', () => {
  it('holds what variables are read from', () => {
    const fileKeyRef = { volumeName: 'b', path: 'p', key: 'k' };
    const app = aContainer('app', { env: [{ name: 'A', valueFrom: { fileKeyRef } }] });
    const spec = { volumes: [{ name: 'a' }, { name: 'b' }], containers: [app] };
    assert.deepEqual(mountedVolumes(aPod({ spec })), [{ name: 'b' }]);
  });

  it('leaves out what no container mounts, and keeps the order of the pod', () => {
    const spec: Partial<DesiredSpec> = {
      volumes: ['a', 'b', 'c', 'd'].map((name) => ({ name })),
      containers: [aContainer('app', mounts('c'))],
      initContainers: [aContainer('init', mounts('a'))],
    };
    assert.deepEqual(mountedVolumes(aPod({ spec })), [{ name: 'a' }, { name: 'c' }]);
  });
});

describe('objectsOfPod', () => {
  it('names each object once, for what it is used, and none of a volume that nobody mounts', () => {
    const app = aContainer('app', {
      ...mounts('map', 'secret', 'all'),
      envFrom: [
        { configMapRef: { name: 'm1' } },
        { secretRef: { name: 's1', optional: true } },
        { configMapRef: { name: 'm1' } },
      ],
    });
    const init = aContainer('init', {
      env: [
        { name: 'A', value: 'x' },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'm2', key: 'k' } } },
        { name: 'C', valueFrom: { secretKeyRef: { name: 's2', key: 'k' } } },
      ],
    });
    const volumes = [
      { name: 'map', configMap: { name: 'm3' } },
      { name: 'secret', secret: { secretName: 's3', optional: true } },
      { name: 'idle', secret: { secretName: 's9' } },
      { name: 'all', projected: { sources: [{ configMap: { name: 'm3' } }, { secret: { name: 's4' } }, {}] } },
    ];
    const objects = objectsOfPod(aPod({ spec: { volumes, containers: [app], initContainers: [init] } }));
    assert.deepEqual(
      {
        environment: objects.environment.map(objectKey),
        volumes: objects.volumes.map(objectKey),
        required: objects.required.map(objectKey),
      },
      {
        environment: ['ConfigMap/default/m1', 'Secret/default/s1', 'ConfigMap/default/m2', 'Secret/default/s2'],
        volumes: ['ConfigMap/default/m3', 'Secret/default/s3', 'Secret/default/s4'],
        required: [
          'ConfigMap/default/m1',
          'ConfigMap/default/m2',
          'Secret/default/s2',
          'ConfigMap/default/m3',
          'Secret/default/s4',
        ],
      },
    );
  });
});
