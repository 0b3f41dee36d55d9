// What a runtime is told when the resources of a running container change.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ResourceRequirements } from '../../../src/api/kubernetes.ts';
import { createRuntime } from '../../../src/cri/runtime.ts';
import { must, someNode, startContainerOf } from '../../support/criStories.ts';
import { FakeCri } from '../../support/fakeCri/server.ts';
import { aContainer, aPod } from '../../support/pods.ts';
import { tempDir } from '../../support/tempDir.ts';

test('A running container is given CPU and memory, and is told of limits that are no more', async (t) => {
  const directory = await tempDir(t);
  const fake = new FakeCri(join(directory, 'cri.sock'));
  fake.state.addImage({ id: 'sha256:busybox', name: 'localhost/busybox:1', size: 1 });
  await fake.start();
  const node = someNode({ rootDir: directory, podLogsDir: join(directory, 'logs') });
  const runtime = createRuntime({ endpoint: fake.endpoint, node, owner: directory });
  t.after(() => {
    runtime.close();
    fake.kill();
  });
  const signal = AbortSignal.timeout(20_000);
  const container = aContainer('app', { command: ['sleep', '1000'] });
  const pod = aPod({ spec: { containers: [container] } });
  const sandbox = must(await runtime.runSandbox({ pod, attempt: 0, cgroupParent: '' }, signal));
  const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
  const told = async (resources: ResourceRequirements) => {
    must(await runtime.resizeContainer(id, { pod, container: { ...container, resources } }, signal));
    const { cpuPeriod, cpuQuota, cpuShares, memoryLimitInBytes } = (fake.state.container(id).resized ?? {}) as {
      readonly [field: string]: unknown;
    };
    return { cpuPeriod, cpuQuota, cpuShares, memoryLimitInBytes };
  };
  assert.deepEqual(await told({ requests: { cpu: '500m' }, limits: { cpu: '1', memory: '64Mi' } }), {
    cpuPeriod: 100_000n,
    cpuQuota: 100_000n,
    cpuShares: 512n,
    memoryLimitInBytes: 67_108_864n,
  });
  assert.deepEqual(await told({ requests: { cpu: '1' } }), {
    cpuPeriod: 100_000n,
    cpuQuota: -1n,
    cpuShares: 1024n,
    memoryLimitInBytes: -1n,
  });
  const gone = await runtime.resizeContainer('no-such-container', { pod, container }, signal);
  assert.equal(!gone.ok && gone.error.reason, 'ResizeError');
});
