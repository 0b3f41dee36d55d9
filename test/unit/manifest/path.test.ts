import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Path } from '../../../src/manifest/finding.ts';
import { formatPath, parsePointer, valueAt } from '../../../src/manifest/path.ts';

const PATHS: readonly (readonly [Path, string])[] = [
  [[], ''],
  [['spec', 'containers', 0, 'image'], 'spec.containers[0].image'],
  [
    ['spec', 'containers', 0, 'resources', 'limits', 'nvidia.com/gpu'],
    'spec.containers[0].resources.limits[nvidia.com/gpu]',
  ],
  [['metadata', 'labels', 'labels', 'x'], 'metadata.labels[labels].x'],
  [['spec', 'dnsConfig', 'options', 1, 'name'], 'spec.dnsConfig.options[1].name'],
  [['items', 2, 'kind'], 'items[2].kind'],
];

for (const [path, text] of PATHS) test(`writes ${text || 'the root'}`, () => assert.equal(formatPath(path), text));

test('reads JSON pointers with the help of the data', () => {
  const data = { a: [{ 'b/c': { '0': 'x' } }] };
  const path = parsePointer('/a/0/b~1c/0', data);
  assert.deepEqual(path, ['a', 0, 'b/c', '0']);
  assert.equal(valueAt(data, path), 'x');
});

test('inherited members are no values', () => assert.equal(valueAt({}, ['constructor', 'name']), undefined));
