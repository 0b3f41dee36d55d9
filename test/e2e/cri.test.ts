import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { startContainerd, type TestContainerd, whyNoRuntime } from '../support/containerd.ts';
import { runtimeContract } from '../support/criContract.ts';

describe('containerd keeps the contract of a container runtime', { skip: whyNoRuntime() }, () => {
  let containerd: TestContainerd;
  before(async () => {
    containerd = await startContainerd({ name: 'cri' });
  });
  after(async () => {
    assert.deepEqual(await containerd.stop(), [], 'Nothing is left on the host');
  });
  runtimeContract(() => containerd.embedded.endpoint);
});
