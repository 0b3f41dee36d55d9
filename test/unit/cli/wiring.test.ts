// Verbs whose work is tested elsewhere: here only that the command line hands them what was typed.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withDirectory } from '../server/unixHttp.ts';
import { runCli } from './runCli.ts';

const POD =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a","image":"b"}]}}';

test('validate exits with 0 for valid manifests, 1 for invalid ones, 2 for what cannot be read', async () => {
  await withDirectory(async (directory) => {
    const good = join(directory, 'good.json');
    const bad = join(directory, 'bad.json');
    await writeFile(good, POD);
    await writeFile(bad, POD.replace('"image"', '"imag"'));
    const codes = [good, bad, join(directory, 'none.json')].map(
      async (path) => (await runCli(['validate', path])).code,
    );
    assert.deepEqual(await Promise.all(codes), [0, 1, 2]);
    const { out } = await runCli(['validate', '-o', 'json', good, '--node-name', 'Edge1']);
    assert.deepEqual(JSON.parse(out).files[0].pods, ['default/web-edge1']);
    assert.equal((await runCli(['validate'])).code, 2);
  });
});
