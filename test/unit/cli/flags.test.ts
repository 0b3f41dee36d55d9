import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from './runCli.ts';

test('a flag that only switches takes no value, so that a path may follow it', async () => {
  const { code, out } = await runCli(['config', 'view', '--allow-empty', '-o', 'json']);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out).allowEmpty, { value: true, origin: 'flag --allow-empty' });
  const { err } = await runCli(['diff', '--allow-empty', '/nowhere', '--socket', '/nowhere.sock']);
  assert.match(err, /No runner listens on \/nowhere\.sock/);
});
