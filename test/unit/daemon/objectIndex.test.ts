import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexObjects, NO_OBJECTS } from '../../../src/daemon/objectIndex.ts';
import { aConfigMap, aSecret } from '../../support/objects.ts';

const A = aConfigMap('m', { location: '/a.yaml', hash: 'a' });
const B = aConfigMap('m', { location: '/b.yaml', hash: 'b' });

const hashes = (index: typeof NO_OBJECTS) => [...index.byKey].map(([key, { hash }]) => `${key} ${hash}`);

test('The first object of a name is taken, the other is told', () => {
  const index = indexObjects([A, aSecret('m', { hash: 's' }), B], NO_OBJECTS);
  assert.deepEqual(hashes(index), ['ConfigMap/default/m a', 'Secret/default/m s']);
  assert.deepEqual(index.troubles, [
    {
      location: '/b.yaml',
      kind: 'rejected',
      message: '1: ConfigMap default/m is already given by /a.yaml:1; rename one of them or remove one',
      diagnostics: [],
    },
  ]);
});

test('The one in force keeps its name against a newcomer, with its newest content', () => {
  const newer = aConfigMap('m', { location: '/b.yaml', hash: 'b2' });
  const index = indexObjects([A, newer], indexObjects([B], NO_OBJECTS));
  assert.deepEqual(hashes(index), ['ConfigMap/default/m b2']);
  assert.deepEqual(
    index.troubles.map((trouble) => trouble.location),
    ['/a.yaml'],
  );
});

test('The other one follows when the one in force goes', () => {
  const index = indexObjects([A], indexObjects([B, A], NO_OBJECTS));
  assert.deepEqual([hashes(index), index.troubles], [['ConfigMap/default/m a'], []]);
});
