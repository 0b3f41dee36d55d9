import { after, before, describe } from 'node:test';
import { startContainerd, type TestContainerd, whyNoRuntime } from '../support/containerd.ts';
import { runtimeContract } from '../support/criContract.ts';

describe('containerd keeps the contract of a container runtime', { skip: whyNoRuntime() }, () => {
  let containerd: TestContainerd;
  before(async () => {
    containerd = await startContainerd({ name: 'cri' });
  });
  after(async () => {
    await containerd.stop();
  });
  runtimeContract(() => containerd.embedded.endpoint);
});
