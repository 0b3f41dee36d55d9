import assert from 'node:assert/strict';
import { link, lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../../src/server/http.ts';
import { fakeBackends } from './fakeBackends.ts';
import { fakeRunner } from './fakeRunner.ts';
import { SILENT, withServer } from './scene.ts';
import { ask, withDirectory } from './unixHttp.ts';

test('S-FS-3 the socket has mode 0600 in a directory of mode 0755 and nothing else is left there', async () => {
  await withServer(async ({ socketPath, close }) => {
    const directory = join(socketPath, '..');
    const modes = [(await lstat(socketPath)).mode & 0o777, (await lstat(directory)).mode & 0o777];
    assert.deepEqual(modes, [0o600, 0o755]);
    assert.deepEqual(await readdir(directory), ['solopod.sock']);
    assert.deepEqual(await readdir(join(directory, '..')), ['run']);
    await close();
    assert.deepEqual(await readdir(directory), []);
  });
});

test('a live socket is refused and keeps working', async () => {
  await withServer(async ({ socketPath, runner }) => {
    await assert.rejects(startServer({ socketPath, runner, backends: fakeBackends(), log: SILENT }), {
      message: `Cannot listen on "${socketPath}": another runner is listening there`,
    });
    assert.equal((await ask(socketPath, '/healthz')).body, 'ok');
  });
});

test('a socket left by a dead runner is replaced', async () => {
  await withDirectory(async (directory) => {
    const socketPath = join(directory, 's.sock');
    await leaveStaleSocket(socketPath);
    const server = await startServer({ socketPath, runner: fakeRunner(), backends: fakeBackends(), log: SILENT });
    assert.equal((await ask(socketPath, '/healthz')).body, 'ok');
    await server.close();
    assert.deepEqual(await readdir(directory), []);
  });
});

/** A bound socket file that nobody listens on: hard links survive the server's own clean-up. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.bound`, resolve));
  await link(`${path}.bound`, path);
  await new Promise((resolve) => server.close(resolve));
}

test('S-FS-3 a file that is not a socket is left alone', async () => {
  await withDirectory(async (directory) => {
    const socketPath = join(directory, 'notes.txt');
    await writeFile(socketPath, 'precious');
    await assert.rejects(startServer({ socketPath, runner: fakeRunner(), backends: fakeBackends(), log: SILENT }), {
      message: `Cannot listen on "${socketPath}": notes.txt exists and is not a socket`,
    });
    assert.deepEqual(await readdir(directory), ['notes.txt']);
  });
});

test('a socket path that Linux cannot hold is refused with its length', async () => {
  await withDirectory(async (directory) => {
    const socketPath = join(directory, 'x'.repeat(120 - directory.length - 1));
    await assert.rejects(startServer({ socketPath, runner: fakeRunner(), backends: fakeBackends(), log: SILENT }), {
      message: `Cannot listen on "${socketPath}": a socket path may have 107 bytes, this one has 120`,
    });
    assert.deepEqual(await readdir(directory), []);
  });
});

test('close() leaves a socket alone that somebody else has put in its place', async () => {
  await withDirectory(async (directory) => {
    const socketPath = join(directory, 's.sock');
    const server = await startServer({ socketPath, runner: fakeRunner(), backends: fakeBackends(), log: SILENT });
    await rm(socketPath);
    await writeFile(socketPath, 'other');
    await server.close();
    assert.deepEqual(await readdir(directory), ['s.sock']);
  });
});
