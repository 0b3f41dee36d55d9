import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { imageRows } from '../../../src/cli/images/images.ts';
import { type Summary, topRows } from '../../../src/cli/top/top.ts';
import { runCli } from './runCli.ts';

function summary(nanos: number): Summary {
  const use = (share: number) => ({
    cpu: { usageCoreNanoSeconds: nanos * share },
    memory: { workingSetBytes: 10.2 * 1024 * 1024 * share },
  });
  return {
    node: { nodeName: 'node1', ...use(10) },
    pods: [
      {
        podRef: { name: 'web', namespace: 'default', uid: '1' },
        ...use(2),
        containers: [
          { name: 'a', ...use(1) },
          { name: 'b', ...use(1) },
        ],
      },
      { podRef: { name: 'db', namespace: 'prod', uid: '2' }, containers: [{ name: 'c' }] },
    ],
  };
}

const LOOKS = { before: summary(1e9), after: summary(1.25e9), seconds: 2 };

describe('top', () => {
  it('pods, containers, the node: the CPU of the time between', () => {
    assert.deepEqual(topRows({ of: 'pods', containers: false }, LOOKS), [
      ['NAMESPACE', 'NAME', 'CPU(cores)', 'MEMORY(bytes)'],
      ['default', 'web', '250m', '21Mi'],
      ['prod', 'db', '<unknown>', '<unknown>'],
    ]);
    assert.deepEqual(topRows({ of: 'pods', containers: true, namespace: 'default' }, LOOKS), [
      ['POD', 'NAME', 'CPU(cores)', 'MEMORY(bytes)'],
      ['web', 'a', '125m', '11Mi'],
      ['web', 'b', '125m', '11Mi'],
    ]);
    assert.deepEqual(topRows({ of: 'node', containers: false }, LOOKS)[1], ['node1', '1250m', '102Mi']);
  });

  it('a container that was started anew has no rate yet', () => {
    const looks = { ...LOOKS, before: summary(9e9) };
    assert.equal(topRows({ of: 'node', containers: false }, looks)[1]?.[1], '<unknown>');
  });

  it('of something else: wrong usage', async () => assert.equal((await runCli(['top', 'deployments'])).code, 2));
});

describe('images', () => {
  it('a row for each name', () => {
    const rows = imageRows([
      {
        id: `sha256:${'b'.repeat(64)}`,
        names: ['r/web:1', 'r/web:2', 'r/web@sha256:1'],
        sizeBytes: 1_234_567,
        pinned: false,
      },
      { id: `sha256:${'a'.repeat(64)}`, names: [], sizeBytes: 999, pinned: true },
    ]);
    assert.deepEqual(rows, [
      ['IMAGE', 'ID', 'SIZE', 'PINNED'],
      ['<none>', 'a'.repeat(13), '1.0kB', 'yes'],
      ['r/web:1', 'b'.repeat(13), '1.2MB', ''],
      ['r/web:2', 'b'.repeat(13), '1.2MB', ''],
    ]);
  });
});
