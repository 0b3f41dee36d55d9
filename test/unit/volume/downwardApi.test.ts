import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DownwardAPIVolumeFile } from '../../../src/api/kubernetes.ts';
import { downwardApiPayload } from '../../../src/volume/downwardApi.ts';
import { aNode } from '../../support/node.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const POD = aPod({
  spec: { containers: [aContainer('app', { resources: { limits: { cpu: '1250m', memory: '64Mi' } } })] },
});

function files(items: readonly DownwardAPIVolumeFile[], defaultMode?: number) {
  const payload = downwardApiPayload(POD, { items, defaultMode, node: aNode() });
  if (!payload.ok) return payload.error;
  const decoder = new TextDecoder();
  return [...payload.value].map(([path, { content, mode }]) => [path, decoder.decode(content), mode.toString(8)]);
}

describe('downwardApiPayload', () => {
  it('gives each item its value and mode', () => {
    const items = [
      { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
      { path: 'res//cpu', mode: 0o400, resourceFieldRef: { containerName: 'app', resource: 'limits.cpu' } },
      { path: 'memory', resourceFieldRef: { containerName: 'app', resource: 'limits.memory', divisor: '1Mi' } },
    ];
    assert.deepEqual(files(items, 0o640), [
      ['name', 'web', '640'],
      ['res/cpu', '2', '400'],
      ['memory', '64', '640'],
    ]);
  });

  it('lets the later of two items of one path win', () => {
    const items = ['metadata.name', 'metadata.uid'].map((fieldPath) => ({ path: 'x', fieldRef: { fieldPath } }));
    assert.deepEqual(files(items), [['x', 'uid-web', '644']]);
  });

  const failures: readonly (readonly [string, DownwardAPIVolumeFile, string])[] = [
    [
      'an unknown field',
      { path: 'x', fieldRef: { fieldPath: 'spec.x' } },
      'fieldPath "spec.x" names nothing that the downward API offers',
    ],
    [
      'an unknown container',
      { path: 'x', resourceFieldRef: { containerName: 'db', resource: 'limits.cpu' } },
      'resource "limits.cpu" of container "db" names nothing that the downward API offers',
    ],
    [
      'a path outside',
      { path: '../x', fieldRef: { fieldPath: 'metadata.name' } },
      'path "../x" must not contain ".." and names longer than 255 bytes',
    ],
  ];
  for (const [name, item, error] of failures) {
    it(`refuses ${name}`, () => assert.equal(files([item]), error));
  }
});
