// The same contract on the containerd of later Debian releases, which serve CRI container events.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { startContainerd, type TestContainerd, whyNoRuntime } from '../support/containerd.ts';
import { runtimeContract } from '../support/criContract.ts';
import { fetchContainerd, type Suite } from '../support/newerContainerd.ts';

const needsRoot = whyNoRuntime();

for (const suite of ['trixie', 'forky'] satisfies readonly Suite[]) {
  const fetched = needsRoot === false ? await fetchContainerd(suite) : undefined;
  const skip = needsRoot || (fetched?.ok === false && fetched.error);
  describe(`containerd of Debian ${suite} keeps the contract of a container runtime`, { skip }, () => {
    let containerd: TestContainerd;
    before(async () => {
      assert.ok(fetched?.ok);
      containerd = await startContainerd({ name: `cri-${suite}`, binDir: fetched.value });
    });
    after(async () => {
      await containerd.stop();
    });
    runtimeContract(() => containerd.embedded.endpoint);
  });
}
