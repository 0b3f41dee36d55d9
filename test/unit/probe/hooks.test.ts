import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { test } from 'node:test';
import { ended, fakeRuntime, faulted, listen, runHook } from './asking.ts';
import { selfSigned } from './selfSigned.ts';

test('A command that ends with 0 went well; it has no time limit and no expansion', async () => {
  const { runtime, asked } = fakeRuntime(() => ended(0, 'said'));
  assert.equal(await runHook({ exec: { command: ['echo', '$(A)'] } }, { runtime }), undefined);
  assert.deepEqual(asked, [{ id: 'c1', command: ['echo', '$(A)'], timeoutSeconds: 0 }]);
});

test('A command that ends otherwise tells its exit code and what it said', async () => {
  const { runtime } = fakeRuntime(() => ended(3, 'out', 'err'));
  assert.equal(
    await runHook({ exec: { command: ['sh', '-c', 'x'] } }, { runtime }),
    "command 'sh -c x' exited with 3: outerr",
  );
});

test('A command that cannot run tells why', async () => {
  const { runtime } = fakeRuntime(() => faulted('notFound', 'container not found'));
  assert.equal(await runHook({ exec: { command: ['x'] } }, { runtime }), "command 'x': container not found");
});

test('A command that is cut short did not end in time', async () => {
  const controller = new AbortController();
  const { runtime } = fakeRuntime(() => {
    controller.abort();
    return faulted('cancelled', 'The call was given up');
  });
  const said = await runHook({ exec: { command: ['x'] } }, { runtime, signal: controller.signal });
  assert.equal(said, "command 'x' did not end in time");
});

test('Any answer to an HTTP hook will do, even one that never ends', async (t) => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(500).write('half');
  });
  const port = await listen(t, server);
  assert.equal(await runHook({ httpGet: { port, path: '/stop' } }), undefined);
  assert.deepEqual([requests[0]?.url, requests[0]?.headers['user-agent']], ['/stop', 'kube-lifecycle/1.36']);
});

test('No answer to an HTTP hook is trouble', async () => {
  assert.equal(
    await runHook({ httpGet: { port: 1 } }),
    'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test('An HTTPS hook does not look at the certificate', async (t) => {
  const port = await listen(
    t,
    createTlsServer(selfSigned(), (_, response) => response.end()),
  );
  assert.equal(await runHook({ httpGet: { port, scheme: 'HTTPS' } }), undefined);
});

test('An HTTPS hook to a server that speaks HTTP is repeated in HTTP without credentials', async (t) => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.end();
  });
  const port = await listen(t, server);
  const httpHeaders = [
    { name: 'Authorization', value: 'Bearer canary' },
    { name: 'X-A', value: '1' },
  ];
  assert.equal(await runHook({ httpGet: { port, scheme: 'HTTPS', path: '/p', httpHeaders } }), undefined);
  const seen = requests.map(({ url, headers }) => [url, headers.authorization, headers['x-a']]);
  assert.deepEqual(seen, [['/p', undefined, '1']]);
});

test('A sleep that is cut short is no trouble', async () => {
  const startedAt = performance.now();
  assert.equal(await runHook({ sleep: { seconds: 60 } }, { signal: AbortSignal.timeout(50) }), undefined);
  assert.ok(performance.now() - startedAt < 5_000);
});

test('A handler that no hook can have is refused', async () => {
  assert.equal(await runHook({ tcpSocket: { port: 1 } }), 'Cannot run handler: invalid handler');
});
