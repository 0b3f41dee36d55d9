import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { runtimeContract } from '../../support/criContract.ts';
import { FakeCri } from '../../support/fakeCri/server.ts';

describe('the fake runtime keeps the contract of a container runtime', () => {
  const directory = mkdtempSync(join(tmpdir(), 'solopod-fake-'));
  const fake = new FakeCri(join(directory, 'cri.sock'));
  before(async () => {
    fake.state.addImage({ id: 'sha256:busybox', name: 'localhost/busybox:1', size: 1 });
    await fake.start();
  });
  after(() => {
    fake.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  runtimeContract(() => fake.endpoint);
});
