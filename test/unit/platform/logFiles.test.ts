import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Fault } from '../../../src/api/fault.ts';
import { err, ok, type Result } from '../../../src/lib/result.ts';
import { createLogFiles } from '../../../src/platform/logFiles.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const REFUSED: Fault = { kind: 'refused', reason: 'FailedReopenLog', message: 'no' };

async function aLog(t: TestContext, files: { readonly [name: string]: string }) {
  const podLogsDir = await tempDir(t);
  const directory = join(podLogsDir, 'default_web_uid-web', 'app');
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const path = join(directory, '0.log');
  const names = async () => (await readdir(directory)).toSorted();
  return { podLogsDir, directory, path, names, logFiles: createLogFiles(podLogsDir) };
}

/** What a runtime does when it is asked for a new file. */
function opening(path: string) {
  return async (): Promise<Result<void, Fault>> => {
    await writeFile(path, 'new\n');
    return ok(undefined);
  };
}

describe('log files', () => {
  it('moves the log aside, removes what is too much and says what to compress', async (t) => {
    const { path, directory, names, logFiles } = await aLog(t, {
      '0.log': 'current\n',
      '0.log.20200101-000001.gz': '',
      '0.log.20200101-000002': 'older\n',
      '1.log': 'another\n',
    });
    const rotated = await logFiles.rotate(path, { maxFiles: 3, reopen: opening(path) });
    assert.ok(rotated.ok);
    const { file, compress } = rotated.value;
    assert.match(file, /^0\.log\.20\d{6}-\d{6}$/);
    assert.deepEqual(compress, ['0.log.20200101-000002']);
    assert.deepEqual(await names(), ['0.log', '0.log.20200101-000002', file, '1.log']);
    assert.equal(await readFile(join(directory, file), 'utf8'), 'current\n');
    assert.equal(await readFile(path, 'utf8'), 'new\n');
  });

  it('moves the log back when the runtime opens no new one', async (t) => {
    const { path, names, logFiles } = await aLog(t, { '0.log': 'current\n' });
    const rotated = await logFiles.rotate(path, { maxFiles: 3, reopen: async () => err(REFUSED) });
    assert.deepEqual(rotated, err(REFUSED));
    assert.deepEqual(await names(), ['0.log']);
    assert.equal(await readFile(path, 'utf8'), 'current\n');
  });

  it('leaves a new log alone whose opening was reported as failed', async (t) => {
    const { path, names, logFiles } = await aLog(t, { '0.log': 'current\n' });
    const reopen = async (): Promise<Result<void, Fault>> => {
      await writeFile(path, 'new\n');
      return err({ ...REFUSED, kind: 'unknownOutcome' });
    };
    assert.equal((await logFiles.rotate(path, { maxFiles: 3, reopen })).ok, false);
    assert.equal(await readFile(path, 'utf8'), 'new\n');
    assert.equal((await names()).length, 2);
  });

  it('compresses a file and keeps what it holds', async (t) => {
    const text = 'line\n'.repeat(10_000);
    const { path, directory, names, logFiles } = await aLog(t, { '0.log.1': text, '0.log.1.tmp': 'torn' });
    assert.equal((await logFiles.compress(path, '0.log.1', SIGNAL)).ok, true);
    assert.deepEqual(await names(), ['0.log.1.gz']);
    assert.equal(gunzipSync(await readFile(join(directory, '0.log.1.gz'))).toString(), text);
  });

  it('leaves nothing when the file vanishes before or the work is called off', async (t) => {
    const { path, names, logFiles } = await aLog(t, { '0.log.1': 'x' });
    assert.equal((await logFiles.compress(path, '0.log.9', SIGNAL)).ok, true);
    assert.equal((await logFiles.compress(path, '0.log.1', AbortSignal.abort())).ok, true);
    assert.deepEqual(await names(), ['0.log.1']);
  });

  it('follows no link: what it leads to is not measured, moved, compressed or removed', async (t) => {
    const { podLogsDir, path, directory, names, logFiles } = await aLog(t, {});
    const secret = join(podLogsDir, 'secret');
    await writeFile(secret, 'secret');
    await symlink(secret, path);
    await symlink(secret, join(directory, '0.log.1'));
    assert.deepEqual(await logFiles.look(path), { kind: 'strange' });
    assert.equal((await logFiles.compress(path, '0.log.1', SIGNAL)).ok, false);
    assert.equal((await logFiles.clear(path)).ok, true);
    assert.deepEqual(await names(), ['0.log.1']);
    assert.equal(await readFile(secret, 'utf8'), 'secret');
  });

  it('touches nothing outside the directory of logs', async (t) => {
    const { podLogsDir, logFiles } = await aLog(t, {});
    for (const path of [`${podLogsDir}/../etc/passwd`, '/etc/passwd', `${podLogsDir}/a/b/../c`]) {
      const rotated = await logFiles.rotate(path, { maxFiles: 2, reopen: async () => ok(undefined) });
      assert.equal(rotated.ok ? '' : rotated.error.reason, 'FailedLogRotation');
      assert.equal((await logFiles.clear(path)).ok, false);
    }
  });

  it('sees the size, and that a log is not there', async (t) => {
    const { path, logFiles } = await aLog(t, { '0.log': '12345' });
    assert.deepEqual(await logFiles.look(path), { kind: 'file', bytes: 5 });
    await unlink(path);
    assert.deepEqual(await logFiles.look(path), { kind: 'missing' });
  });
});
