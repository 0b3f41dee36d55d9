import assert from 'node:assert/strict';
import { mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createLogs } from '../../../src/platform/logs.ts';
import { aPod } from '../../support/pods.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const POD = aPod();
const IDENTITY = { namespace: 'default', name: 'web', uid: 'uid-web' };

async function logDirectories(t: TestContext) {
  const top = await tempDir(t);
  const podLogsDir = join(top, 'pods');
  const containerLogsDir = join(top, 'containers');
  const podDir = join(podLogsDir, 'default_web_uid-web');
  return { top, podLogsDir, containerLogsDir, podDir, logs: createLogs({ podLogsDir, containerLogsDir }) };
}

async function writeLog(podDir: string, container: string, file: string): Promise<string> {
  const path = join(podDir, container, file);
  await writeFile(path, 'line\n');
  return path;
}

describe('logs', () => {
  it('makes the directories of a pod and a container, open to log shippers', async (t) => {
    const { logs, podDir } = await logDirectories(t);
    for (const container of ['app', 'app', 'init']) assert.equal((await logs.prepare(POD, container, SIGNAL)).ok, true);
    assert.deepEqual((await readdir(podDir)).toSorted(), ['app', 'init']);
    const modes = await Promise.all([podDir, join(podDir, 'app')].map(async (path) => (await stat(path)).mode & 0o777));
    assert.deepEqual(modes, [0o755, 0o755]);
  });

  it('makes no directory through a link', async (t) => {
    const { logs, top, podLogsDir, podDir } = await logDirectories(t);
    const outside = join(top, 'outside');
    await mkdir(outside);
    await mkdir(podLogsDir);
    await symlink(outside, podDir);
    const prepared = await logs.prepare(POD, 'app', SIGNAL);
    assert.equal(prepared.ok ? '' : prepared.error.reason, 'CreateContainerConfigError');
    assert.deepEqual(await readdir(outside), []);
  });

  it('refuses names that would leave the directory', async (t) => {
    const { logs, podLogsDir, top } = await logDirectories(t);
    const hostile = aPod({ uid: '../../x' });
    assert.equal((await logs.prepare(hostile, 'app', SIGNAL)).ok, false);
    assert.equal((await logs.prepare(POD, '../../../x', SIGNAL)).ok, false);
    await logs.removePod({ ...IDENTITY, uid: '../../x' });
    await logs.removeContainer(`${podLogsDir}/../../etc/passwd`, 'id');
    assert.deepEqual(await readdir(top), []);
  });

  it('removes the directory of a pod of which only the uid is known, and no other', async (t) => {
    const { logs, podLogsDir, podDir } = await logDirectories(t);
    await logs.prepare(POD, 'app', SIGNAL);
    await mkdir(join(podLogsDir, 'default_web_uid-web2'));
    await writeLog(podDir, 'app', '0.log');
    await logs.removePod({ namespace: 'unknown', name: 'uid-web', uid: 'uid-web' });
    assert.deepEqual(await readdir(podLogsDir), ['default_web_uid-web2']);
  });

  it('finds the highest attempt, rotated files included', async (t) => {
    const { logs, podDir } = await logDirectories(t);
    assert.equal(await logs.lastAttempt(POD, 'app'), undefined);
    await logs.prepare(POD, 'app', SIGNAL);
    assert.equal(await logs.lastAttempt(POD, 'app'), undefined);
    for (const file of ['2.log', '10.log.20260131-120000', 'other.txt']) await writeLog(podDir, 'app', file);
    assert.equal(await logs.lastAttempt(POD, 'app'), 10);
  });

  it('links a log file that exists, in place of an older link', async (t) => {
    const { logs, podDir, containerLogsDir } = await logDirectories(t);
    await logs.prepare(POD, 'app', SIGNAL);
    await logs.link(POD, 'app', 'c1', join(podDir, 'app/0.log'));
    assert.deepEqual(await readdir(containerLogsDir).catch(() => 'none'), 'none');
    for (const file of ['0.log', '1.log']) {
      const path = await writeLog(podDir, 'app', file);
      await logs.link(POD, 'app', 'c1', path);
      assert.equal(await readlink(join(containerLogsDir, 'web_default_app-c1.log')), path);
    }
  });

  it('links nothing from elsewhere', async (t) => {
    const { logs, top, containerLogsDir } = await logDirectories(t);
    await writeFile(join(top, 'secret'), '');
    await logs.link(POD, 'app', 'c1', join(top, 'secret'));
    assert.deepEqual(await readdir(containerLogsDir).catch(() => 'none'), 'none');
  });

  it('removes the files and the link of one instance', async (t) => {
    const { logs, podDir, containerLogsDir } = await logDirectories(t);
    await logs.prepare(POD, 'app', SIGNAL);
    const path = await writeLog(podDir, 'app', '1.log');
    for (const file of ['1.log.20260131-120000', '2.log', '11.log']) await writeLog(podDir, 'app', file);
    await logs.link(POD, 'app', 'c1', path);
    await logs.removeContainer(path, 'c1');
    await logs.removeContainer(path, 'c1');
    assert.deepEqual((await readdir(join(podDir, 'app'))).toSorted(), ['11.log', '2.log']);
    assert.deepEqual(await readdir(containerLogsDir), []);
  });

  it('removes what is left of older instances, and nothing newer', async (t) => {
    const { logs, podDir, containerLogsDir } = await logDirectories(t);
    await logs.prepare(POD, 'app', SIGNAL);
    for (const number of [2, 9, 10, 11]) {
      const path = await writeLog(podDir, 'app', `${number}.log`);
      await logs.link(POD, 'app', `c${number}`, path);
    }
    await writeLog(podDir, 'app', '9.log.20260131-120000');
    await logs.removeOlder(join(podDir, 'app/10.log'));
    assert.deepEqual((await readdir(join(podDir, 'app'))).toSorted(), ['10.log', '11.log']);
    const links = ['web_default_app-c10.log', 'web_default_app-c11.log'];
    assert.deepEqual((await readdir(containerLogsDir)).toSorted(), links);
  });

  it("removes a pod's directory and links, and nobody else's", async (t) => {
    const { logs, podLogsDir, podDir, containerLogsDir } = await logDirectories(t);
    const other = aPod({ uid: 'uid-newer' });
    for (const pod of [POD, other]) {
      await logs.prepare(pod, 'app', SIGNAL);
      const path = await writeLog(join(podLogsDir, `default_web_${pod.uid}`), 'app', '0.log');
      await logs.link(pod, 'app', `of-${pod.uid}`, path);
    }
    await symlink('/etc/passwd', join(podDir, 'app/link'));
    await symlink('/etc', join(podDir, 'dir'));
    await logs.removePod(IDENTITY);
    await logs.removePod(IDENTITY);
    assert.deepEqual(await readdir(podLogsDir), ['default_web_uid-newer']);
    assert.deepEqual(await readdir(containerLogsDir), ['web_default_app-of-uid-newer.log']);
  });
});
