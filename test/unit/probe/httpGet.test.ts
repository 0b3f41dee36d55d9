import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { HTTPGetAction } from '../../../src/api/kubernetes.ts';
import { ask, listen } from './asking.ts';
import { selfSigned } from './selfSigned.ts';

async function serve(context: TestContext, listener: RequestListener) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  return { port: await listen(context, server), requests };
}

function get(port: number, more: Partial<HTTPGetAction> = {}, timeoutSeconds = 5) {
  return ask({ httpGet: { port, ...more }, timeoutSeconds });
}

const STATUSES: readonly (readonly [status: number, result: string, output: string])[] = [
  [200, 'success', 'body'],
  [204, 'success', ''],
  [304, 'warning', 'Probe terminated redirects, Response body: '],
  [399, 'warning', 'Probe terminated redirects, Response body: body'],
  [400, 'failure', 'HTTP probe failed with statuscode: 400'],
  [404, 'failure', 'HTTP probe failed with statuscode: 404'],
  [503, 'failure', 'HTTP probe failed with statuscode: 503'],
];

for (const [status, result, output] of STATUSES) {
  test(`Status ${status} is ${result}`, async (t) => {
    const { port } = await serve(t, (_, response) => response.writeHead(status).end('body'));
    assert.deepEqual(await get(port), { result, output });
  });
}

test('The request carries the defaults and nothing more', async (t) => {
  const { port, requests } = await serve(t, (_, response) => response.end());
  await get(port, { path: '/ready?x=1' });
  const [request] = requests;
  assert.deepEqual(
    [request?.method, request?.url, request?.rawHeaders],
    [
      'GET',
      '/ready?x=1',
      ['Host', `127.0.0.1:${port}`, 'Connection', 'close', 'user-agent', 'kube-probe/1.36', 'accept', '*/*'],
    ],
  );
});

test('Headers of the manifest replace the defaults, repeat, and can name another host', async (t) => {
  const { port, requests } = await serve(t, (_, response) => response.end());
  const httpHeaders = [
    { name: 'HOST', value: 'shop.example' },
    { name: 'User-agent', value: 'mine' },
    { name: 'accept', value: '' },
    { name: 'X-A', value: '1' },
    { name: 'x-a', value: 'ü' },
    { name: 'Content-Length', value: '99' },
  ];
  await get(port, { httpHeaders });
  assert.deepEqual(requests[0]?.rawHeaders, [
    'Host',
    'shop.example',
    'Connection',
    'close',
    'user-agent',
    'mine',
    'x-a',
    '1',
    'x-a',
    Buffer.from('ü').toString('latin1'),
  ]);
});

test('No more than 10 KiB of a body without end is read', async (t) => {
  const { port } = await serve(t, (_, response) => {
    const more = (): void => {
      if (!response.destroyed && response.socket?.destroyed === false)
        setImmediate(() => response.write('x'.repeat(4096), more));
    };
    more();
  });
  assert.deepEqual(await get(port), { result: 'success', output: 'x'.repeat(10_240) });
});

test('A redirect on the same host is followed, with the headers of the first request', async (t) => {
  const { port, requests } = await serve(t, (request, response) => {
    if (request.url === '/end') response.end('there');
    else response.writeHead(302, { Location: '/end' }).end('elsewhere');
  });
  const httpHeaders = [
    { name: 'Host', value: 'shop.example' },
    { name: 'X-A', value: '1' },
  ];
  assert.deepEqual(await get(port, { path: '/start', httpHeaders }), { result: 'success', output: 'there' });
  assert.deepEqual(
    requests.map(({ url, headers }) => [url, headers.host, headers['x-a']]),
    [
      ['/start', 'shop.example', '1'],
      ['/end', 'shop.example', '1'],
    ],
  );
});

test('A redirect to another host is not followed and is a warning', async (t) => {
  const { port } = await serve(t, (_, response) =>
    response.writeHead(302, { Location: 'http://127.0.0.2/' }).end('go'),
  );
  assert.deepEqual(await get(port), { result: 'warning', output: 'Probe terminated redirects, Response body: go' });
});

test('A redirect without a place to go is a warning', async (t) => {
  const { port } = await serve(t, (_, response) => response.writeHead(301).end('go'));
  assert.deepEqual(await get(port), { result: 'warning', output: 'Probe terminated redirects, Response body: go' });
});

test('A redirect to another scheme is failure', async (t) => {
  const { port } = await serve(t, (_, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end());
  assert.deepEqual(await get(port), {
    result: 'failure',
    output: 'Get "file:///etc/passwd": unsupported protocol scheme',
  });
});

test('Redirects without end are failure after ten requests', async (t) => {
  const { port, requests } = await serve(t, (_, response) => response.writeHead(302, { Location: '/again' }).end());
  assert.deepEqual(await get(port), {
    result: 'failure',
    output: `Get "http://127.0.0.1:${port}/again": stopped after 10 redirects`,
  });
  assert.equal(requests.length, 10);
});

test('TLS is spoken without a look at the certificate', async (t) => {
  const server = createTlsServer(selfSigned(), (_, response) => response.end('secure'));
  const port = await listen(t, server);
  assert.deepEqual(await get(port, { scheme: 'HTTPS' }), { result: 'success', output: 'secure' });
});

test('HTTPS to a server that speaks HTTP is failure', async (t) => {
  const { port } = await serve(t, (_, response) => response.end());
  assert.deepEqual(await get(port, { scheme: 'HTTPS' }), {
    result: 'failure',
    output: `Get "https://127.0.0.1:${port}/": http: server gave HTTP response to HTTPS client`,
  });
});

test('Nobody there is failure', async () => {
  assert.deepEqual(await get(1, { path: '/x' }), {
    result: 'failure',
    output: 'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

test('A server that hangs up is failure', async (t) => {
  const port = await listen(
    t,
    createTcpServer((socket) => socket.end()),
  );
  assert.deepEqual(await get(port), { result: 'failure', output: `Get "http://127.0.0.1:${port}/": EOF` });
});

test('A server that does not speak HTTP is failure', async (t) => {
  const port = await listen(
    t,
    createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')),
  );
  assert.deepEqual(await get(port), {
    result: 'failure',
    output: `Get "http://127.0.0.1:${port}/": malformed HTTP response`,
  });
});

test('No answer within the limit is failure', async (t) => {
  const { port } = await serve(t, () => {});
  assert.deepEqual(await get(port, {}, 0.1), {
    result: 'failure',
    output: `Get "http://127.0.0.1:${port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  });
});

test('A body that does not end within the limit is an error: it says neither yes nor no', async (t) => {
  const { port } = await serve(t, (_, response) => response.writeHead(200).write('half'));
  assert.deepEqual(await get(port, {}, 0.1), {
    result: 'error',
    output: 'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
  });
});

test('A header that no request can carry is an error', async (t) => {
  const { port } = await serve(t, (_, response) => response.end());
  const { result } = await get(port, { httpHeaders: [{ name: 'X', value: 'a\r\nY: b' }] });
  assert.equal(result, 'error');
});
