import assert from 'node:assert/strict';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeRunner, READY_NODE } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { withRunner } from './runCli.ts';

test('doctor says of each thing how it is, and fails when pods could not run', () =>
  withDirectory(async (directory) => {
    const manifests = join(directory, 'manifests');
    const flags = ['--runtime', `unix://${directory}/none.sock`, '--root-dir', join(directory, 'a', 'b')];
    const runner = fakeRunner({ node: { ...READY_NODE, networkReady: false, message: 'no \u001b[2J network' } });
    await withRunner(runner, async ({ run, stopServer }) => {
      const missing = await run('doctor', ...flags, '--manifest-dir', manifests);
      assert.equal(missing.code, 1);
      assert.match(missing.out, /^FAILED {3}runtime \(unix:\/\/.*none\.sock\): does not exist$/m);
      assert.match(
        missing.out,
        /^WARNING {2}manifests: .*manifests does not exist: make it, or name another with --manifest-dir$/m,
      );
      assert.match(missing.out, /^(ok|WARNING) +disk: [\d.]+ GB of [\d.]+ GB free for .*\/a\/b$/m);
      assert.match(
        missing.out,
        /^WARNING {2}runner: 0 pods on node node1, containerd 1\.6\.20\n {9}NODE .*no \\u001b\[2J network$/m,
      );
      await mkdir(manifests);
      await chmod(manifests, 0o777);
      const open = await run('doctor', ...flags, '--manifest-dir', manifests);
      assert.match(open.out, /^WARNING {2}manifests: .*can be written by others/m);
      await chmod(manifests, 0o755);
      await stopServer();
      const closed = await run('doctor', ...flags, '--manifest-dir', manifests);
      assert.match(closed.out, /^ok {7}manifests: /m);
      assert.match(closed.out, /^WARNING {2}runner: No runner listens on /m);
    });
  }));
