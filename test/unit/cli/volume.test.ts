import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VolumeNote } from '../../../src/ports/runner.ts';
import { fakeRunner } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { runCli, withRunner } from './runCli.ts';

const VOLUMES: readonly VolumeNote[] = [
  {
    namespace: 'default',
    name: 'data',
    status: 'Bound',
    storage: '1Gi',
    accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
    pods: ['default/web-node1'],
    path: '/r/claims/default/data/data',
    usedBytes: 1_600_000,
    usedIsComplete: false,
    createdAt: '2026-01-02T03:00:00Z',
    origin: '/m/a.yaml:1',
  },
  { namespace: 'web', name: 'later', status: 'Pending', storage: '2Gi', accessModes: ['ReadWriteOncePod'], pods: [] },
];

function runnerWith(volumes = VOLUMES) {
  const runner = fakeRunner();
  return { ...runner, volumes: async () => volumes };
}

test('volume ls shows what is there, what was asked for and who uses it', async () => {
  await withRunner(runnerWith(), async ({ run }) => {
    const { code, out } = await run('volume', 'ls');
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n'), [
      'NAMESPACE   NAME    STATUS    REQUEST   USED     ACCESS MODES   AGE   PODS',
      'default     data    Bound     1Gi       >1.5Mi   RWO,ROX        5m    default/web-node1',
      'web         later   Pending   2Gi                RWOP',
      '',
    ]);
    assert.equal((await run('volume', 'list', '-o', 'name', '-n', 'web')).out, 'web/later\n');
    assert.deepEqual(JSON.parse((await run('volume', 'ls', '-o', 'json')).out), VOLUMES);
  });
});

test('volume rm names what it removed, and refuses what is no name', async () => {
  await withRunner(runnerWith(), async ({ run }) => {
    assert.deepEqual(await run('volume', 'rm', 'data', 'web/later'), {
      code: 0,
      out: 'default/data removed\nweb/later removed\n',
      err: '',
    });
    assert.equal((await run('volume', 'rm', '-n', 'x', 'data')).out, 'x/data removed\n');
    for (const name of ['..', 'a/b/c', '../x', 'x/..', '', 'A'])
      assert.equal((await run('volume', 'rm', name)).code, 2, name);
    assert.equal((await run('volume', 'rm')).code, 2);
  });
});

test('with no runner alive volumes are listed and removed where they are, unless pods are left', async () => {
  await withDirectory(async (directory) => {
    const root = join(directory, 'root');
    const data = join(root, 'claims/default/data/data');
    await mkdir(data, { recursive: true });
    await mkdir(join(root, 'pods/uid'), { recursive: true });
    await writeFile(join(data, 'file'), 'x');
    const run = (...args: readonly string[]) =>
      runCli(['volume', ...args, '--root-dir', root, '--socket', join(directory, 'none.sock')]);
    const listed = JSON.parse((await run('ls', '-o', 'json')).out);
    assert.deepEqual([listed[0].name, listed[0].status, listed[0].path], ['data', 'Unknown', data]);
    const refused = await run('rm', 'data');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /Volume default\/data is used by pod of an earlier run \(1 left, "solopod stop --all"/);
    await rm(join(root, 'pods/uid'), { recursive: true });
    assert.deepEqual(await run('rm', 'data'), { code: 0, out: 'default/data removed\n', err: '' });
    assert.deepEqual(await readdir(join(root, 'claims')), []);
    assert.deepEqual((await run('ls')).out, 'There are no volumes\n');
  });
});
