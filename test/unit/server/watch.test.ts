import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { startServer } from '../../../src/server/http.ts';
import { fakeBackends } from './fakeBackends.ts';
import { fakeRunner } from './fakeRunner.ts';
import { SILENT, withServer } from './scene.ts';
import { open, withDirectory } from './unixHttp.ts';

/** Reads a watch line by line; each call gives the version of the next snapshot. */
function versionsOf(response: IncomingMessage): () => Promise<number> {
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  return async () => JSON.parse((await lines.next()).value ?? '{}').version;
}

test('a watch sends the present and then each change', async () => {
  const runner = fakeRunner();
  await withServer(
    async ({ socketPath }) => {
      const response = await open(socketPath, '/status?watch=1');
      assert.equal(response.headers['content-type'], 'application/x-ndjson');
      const nextVersion = versionsOf(response);
      assert.equal(await nextVersion(), 1);
      runner.change({});
      assert.equal(await nextVersion(), 2);
      response.destroy();
    },
    { runner },
  );
});

test('changes in a burst reach a watch as one', async () => {
  const runner = fakeRunner();
  await withServer(
    async ({ socketPath }) => {
      const nextVersion = versionsOf(await open(socketPath, '/status?watch=1'));
      assert.equal(await nextVersion(), 1);
      for (let i = 0; i < 50; i++) runner.change({});
      assert.equal(await nextVersion(), 51);
    },
    { runner },
  );
});

test('a watcher that leaves is forgotten', async () => {
  const runner = fakeRunner();
  await withServer(
    async ({ socketPath }) => {
      const response = await open(socketPath, '/status?watch=1');
      assert.equal(runner.subscribers, 1);
      response.destroy();
      while (runner.subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    { runner },
  );
});

test('a watcher that does not read holds one snapshot, then gets the newest', async () => {
  const big = 'x'.repeat(1024 * 1024);
  const event = {
    type: 'Normal',
    reason: 'Big',
    message: big,
    count: 1,
    firstTimestamp: '',
    lastTimestamp: '',
  } as const;
  const runner = fakeRunner({ events: [event] });
  let reads = 0;
  const counting = {
    ...runner,
    snapshot: () => {
      reads += 1;
      return runner.snapshot();
    },
  };
  await withDirectory(async (directory) => {
    const socketPath = join(directory, 's.sock');
    const server = await startServer({ socketPath, runner: counting, backends: fakeBackends(), log: SILENT });
    const response = await open(socketPath, '/status?watch=1');
    response.pause();
    const before = reads;
    for (let i = 0; i < 20; i++) runner.change({});
    assert.equal(reads, before);
    const nextVersion = versionsOf(response);
    assert.equal(await nextVersion(), 1);
    assert.equal(await nextVersion(), 21);
    response.destroy();
    await server.close();
  });
});

test('close() ends watches', async () => {
  await withServer(async ({ socketPath, close }) => {
    const response = await open(socketPath, '/status?watch=1');
    const ended = new Promise((resolve) => response.once('end', resolve));
    response.resume();
    await close();
    await ended;
  });
});
