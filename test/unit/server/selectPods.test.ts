import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok, type Result } from '../../../src/lib/result.ts';
import { podKey, selectPods } from '../../../src/server/selectPods.ts';
import { runningPod } from './fakeRunner.ts';

const PODS = [
  runningPod('web'),
  runningPod('web-admin'),
  runningPod('db', { namespace: 'data' }),
  runningPod('db', { namespace: 'test' }),
  runningPod('log'),
];

interface Case {
  readonly names: readonly string[];
  readonly namespace?: string;
  readonly expected: Result<readonly string[], string>;
}

const CASES: readonly Case[] = [
  { names: ['log'], expected: ok(['default/log-node1']) },
  { names: ['log-node1'], expected: ok(['default/log-node1']) },
  { names: ['lo'], expected: ok(['default/log-node1']) },
  { names: ['default/log'], expected: ok(['default/log-node1']) },
  { names: ['pod/log-node1'], expected: ok(['default/log-node1']) },
  { names: ['pods/default/log'], expected: ok(['default/log-node1']) },
  { names: ['web'], expected: ok(['default/web-node1']) },
  { names: ['web-a'], expected: ok(['default/web-admin-node1']) },
  { names: ['web', 'log', 'web-node1'], expected: ok(['default/web-node1', 'default/log-node1']) },
  { names: ['db'], namespace: 'data', expected: ok(['data/db-node1']) },
  { names: ['test/db'], namespace: 'data', expected: ok(['test/db-node1']) },
  { names: ['db'], expected: err('"db" may mean data/db-node1 or test/db-node1: give more of the name') },
  { names: ['we'], expected: err('"we" may mean default/web-node1 or default/web-admin-node1: give more of the name') },
  { names: ['log', 'nope'], expected: err('There is no pod "nope"') },
  { names: ['web'], namespace: 'data', expected: err('There is no pod "web" in namespace "data"') },
  { names: ['data/'], expected: err('There is no pod "data/" in namespace "data"') },
  { names: [''], expected: err('There is no pod ""') },
];

for (const { names, namespace, expected } of CASES) {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  test(`names ${JSON.stringify(names)}${where}`, () => {
    const found = selectPods(PODS, { names, nodeName: 'node1', ...(namespace === undefined ? {} : { namespace }) });
    assert.deepEqual(found.ok ? ok(found.value.map(podKey)) : found, expected);
  });
}
