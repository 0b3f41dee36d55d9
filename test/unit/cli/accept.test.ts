import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeRunner } from '../server/fakeRunner.ts';
import { withRunner } from './runCli.ts';

test('accept names the pods that end; a second one has nothing to do', async () => {
  const runner = fakeRunner();
  runner.heldPods = ['default/db-node1', 'default/web-node1'];
  await withRunner(runner, async ({ run }) => {
    const out = 'default/db-node1 ends\ndefault/web-node1 ends\n';
    assert.deepEqual(await run('accept'), { code: 0, out, err: '' });
    assert.deepEqual(await run('accept'), { code: 0, out: '', err: 'Nothing is held.\n' });
  });
});
