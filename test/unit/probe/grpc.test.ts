import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { ask, listen } from './asking.ts';

type Check = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => void;

const same = (bytes: Buffer): Buffer => bytes;

async function serve(context: TestContext, check: Check | undefined): Promise<number> {
  const server = new Server();
  const Check = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  if (check !== undefined) server.addService({ Check }, { Check: check });
  context.after(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

const SERVING = Buffer.from([0x08, 1]);

test('SERVING is success; the service is named in the request', async (t) => {
  const seen: unknown[] = [];
  const port = await serve(t, (call, done) => {
    seen.push(call.request.toString('latin1'), String(call.metadata.get('user-agent')[0]).split(' ')[0]);
    done(null, SERVING);
  });
  assert.deepEqual(await ask({ grpc: { port, service: 'shop' } }), { result: 'success', output: 'service healthy' });
  assert.deepEqual(seen, ['\n\x04shop', 'kube-probe/1.36']);
});

const ANSWERS: readonly (readonly [bytes: number[], word: string])[] = [
  [[], 'UNKNOWN'],
  [[0x08, 2], 'NOT_SERVING'],
  [[0x08, 3], 'SERVICE_UNKNOWN'],
  [[0x08, 9], '9'],
];

for (const [bytes, word] of ANSWERS) {
  test(`${word} is failure`, async (t) => {
    const port = await serve(t, (_, done) => done(null, Buffer.from(bytes)));
    assert.deepEqual(await ask({ grpc: { port } }), {
      result: 'failure',
      output: `service unhealthy (responded with "${word}")`,
    });
  });
}

test('An error of the service is failure with its status', async (t) => {
  const port = await serve(t, (_, done) => done({ code: status.NOT_FOUND, details: 'unknown service' }));
  assert.deepEqual(await ask({ grpc: { port } }), {
    result: 'failure',
    output: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
  });
});

test('A server without the health service is failure', async (t) => {
  const port = await serve(t, undefined);
  const { result, output } = await ask({ grpc: { port } });
  assert.equal(result, 'failure');
  assert.match(
    output,
    /^error: this server does not implement the grpc health protocol \(grpc\.health\.v1\.Health\): /,
  );
});

test('No answer within the limit is failure', async (t) => {
  const port = await serve(t, () => {});
  assert.deepEqual(await ask({ grpc: { port }, timeoutSeconds: 0.3 }), {
    result: 'failure',
    output: 'timeout: health rpc did not complete within 300ms',
  });
});

test('No connection within the limit is failure', async () => {
  assert.deepEqual(await ask({ grpc: { port: 1 }, timeoutSeconds: 0.3 }), {
    result: 'failure',
    output: 'timeout: failed to connect service "127.0.0.1:1" within 300ms: context deadline exceeded',
  });
});

test('A server that accepts and says nothing is failure', async (t) => {
  const port = await listen(t, createServer());
  const { result } = await ask({ grpc: { port }, timeoutSeconds: 0.3 });
  assert.equal(result, 'failure');
});

test('A caller that gives up gets an error', async (t) => {
  const controller = new AbortController();
  const port = await serve(t, () => controller.abort());
  assert.deepEqual(await ask({ grpc: { port }, timeoutSeconds: 5 }, { signal: controller.signal }), {
    result: 'error',
    output: 'cancelled',
  });
});
