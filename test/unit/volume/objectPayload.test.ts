import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProjectedVolumeSource } from '../../../src/api/kubernetes.ts';
import { type ObjectSource, objectPayload } from '../../../src/volume/objectPayload.ts';
import type { Payload } from '../../../src/volume/payload.ts';
import { projectedPayload } from '../../../src/volume/projected.ts';
import { aNode } from '../../support/node.ts';
import { aConfigMap, aSecret, objectsOf } from '../../support/objects.ts';
import { aPod } from '../../support/pods.ts';

const { find } = objectsOf(
  aConfigMap('m', { data: { one: '1', two: '2' }, binaryData: { raw: [0xde, 0xad] } }),
  aSecret('s', { data: { pin: '4711' } }),
);
const MAP: ObjectSource = {
  kind: 'ConfigMap',
  namespace: 'default',
  name: 'm',
  items: undefined,
  optional: undefined,
  defaultMode: undefined,
};

const files = (payload: Payload) =>
  [...payload].map(
    ([path, { content, mode }]) => `${path} ${Buffer.from(content).toString('hex')} ${mode.toString(8)}`,
  );

describe('objectPayload', () => {
  const good: readonly [string, Partial<ObjectSource>, readonly string[]][] = [
    ['every key under its name', {}, ['one 31 644', 'two 32 644', 'raw dead 644']],
    [
      'the listed keys at their paths and modes',
      {
        items: [
          { key: 'one', path: 'a/b' },
          { key: 'raw', path: 'c', mode: 0o400 },
        ],
        defaultMode: 0o440,
      },
      ['a/b 31 440', 'c dead 400'],
    ],
    ['nothing of an optional object that is not there', { name: 'x', optional: true }, []],
    [
      'what there is of optional keys',
      {
        items: [
          { key: 'z', path: 'z' },
          { key: 'two', path: 'two' },
        ],
        optional: true,
      },
      ['two 32 644'],
    ],
  ];
  for (const [name, source, expected] of good) {
    it(`is ${name}`, () => {
      const payload = objectPayload({ ...MAP, ...source }, find);
      assert.deepEqual(payload.ok && files(payload.value), expected);
    });
  }

  const bad: readonly [Partial<ObjectSource>, string][] = [
    [{ name: 'x' }, 'configmap "x" not found'],
    [{ namespace: 'other' }, 'configmap "m" not found'],
    [{ items: [{ key: 'z', path: 'z' }] }, 'configmap references non-existent config key: z'],
    [{ kind: 'Secret', name: 's', items: [{ key: 'z', path: 'z' }] }, 'references non-existent secret key: z'],
    [
      { items: [{ key: 'one', path: '../one' }] },
      'path "../one" must not contain ".." and names longer than 255 bytes',
    ],
  ];
  for (const [source, error] of bad) {
    it(`says ${error}`, () => assert.deepEqual(objectPayload({ ...MAP, ...source }, find), { ok: false, error }));
  }
});

describe('projectedPayload', () => {
  const project = (sources: ProjectedVolumeSource['sources']) =>
    projectedPayload({
      pod: aPod(),
      volume: { name: 'v', projected: { defaultMode: 0o600, ...(sources === undefined ? {} : { sources }) } },
      node: aNode(),
      find,
    });

  it('puts sources together, later ones over earlier ones', () => {
    const payload = project([
      { configMap: { name: 'm', items: [{ key: 'one', path: 'x' }] } },
      { secret: { name: 's', items: [{ key: 'pin', path: 'x', mode: 0o400 }] } },
      { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      { secret: { name: 'gone', optional: true } },
    ]);
    assert.deepEqual(files(payload), ['x 34373131 400', 'name 776562 600']);
  });

  it('names everything that is missing', () => {
    assert.throws(() => project([{ configMap: { name: 'x' } }, { secret: { name: 'y' } }]), {
      message: '[configmap "x" not found, secret "y" not found]',
    });
  });
});
