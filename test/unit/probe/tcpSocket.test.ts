import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ask, aTarget, listen } from './asking.ts';

test('A connection is success, and nothing is sent over it', async (t) => {
  const received: string[] = [];
  const server = createServer((socket) => socket.on('data', (bytes) => received.push(String(bytes))));
  const port = await listen(t, server);
  assert.deepEqual(await ask({ tcpSocket: { port } }), { result: 'success', output: '' });
  assert.deepEqual(received, []);
});

test('A port that nobody listens on is failure', async () => {
  assert.deepEqual(await ask({ tcpSocket: { port: 1 } }), {
    result: 'failure',
    output: 'dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

test('A host name that does not exist is failure', async () => {
  assert.deepEqual(await ask({ tcpSocket: { host: 'no.such.host.invalid', port: 1 }, timeoutSeconds: 10 }), {
    result: 'failure',
    output: 'dial tcp: lookup no.such.host.invalid: no such host',
  });
});

/** A port whose owner stands still and whose queue of connections is full: the kernel drops what comes. */
async function fullPort(context: TestContext): Promise<number> {
  const script = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    () => { console.log(s.address().port); process.kill(process.pid, 'SIGSTOP'); });`;
  const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => owner.kill('SIGKILL'));
  const [said] = await once(owner.stdout, 'data');
  const port = Number(said);
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  context.after(() => {
    for (const filler of fillers) filler.destroy();
  });
  await once(fillers[0] ?? owner, 'connect');
  return port;
}

test('No answer within the limit is failure', async (t) => {
  const port = await fullPort(t);
  assert.deepEqual(await ask({ tcpSocket: { port }, timeoutSeconds: 0.2 }), {
    result: 'failure',
    output: `dial tcp 127.0.0.1:${port}: i/o timeout`,
  });
});

test('A named port that the container does not have is an error', async () => {
  assert.deepEqual(await ask({ tcpSocket: { port: 'web' } }, { target: aTarget() }), {
    result: 'error',
    output: 'container "app" has no port named "web"',
  });
});

test('A caller that gives up gets an error', async () => {
  const signal = AbortSignal.abort();
  assert.deepEqual(await ask({ tcpSocket: { port: 1 } }, { signal }), { result: 'error', output: 'cancelled' });
});
