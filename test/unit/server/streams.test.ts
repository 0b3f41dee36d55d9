import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { ok } from '../../../src/lib/result.ts';
import type { StreamsPort } from '../../../src/ports/streams.ts';
import { type FakeRunner, fakeRunner, runningPod } from './fakeRunner.ts';
import { withServer } from './scene.ts';
import { ask } from './unixHttp.ts';

function scene(): FakeRunner {
  const runner = fakeRunner({ pods: [runningPod('web'), runningPod('down')] });
  const app = { id: 'c1', name: 'app', attempt: 0, isRunning: true, logPath: '' };
  runner.held.set('uid-web', { sandboxId: 's1', containers: [app] });
  return runner;
}

/** Asks for an upgrade. @returns the code, and either the connection or the body */
function upgrade(socketPath: string, path: string, method = 'POST') {
  return new Promise<{ code: number; socket?: Socket; body?: string }>((resolve, reject) => {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' };
    const sent = request({ socketPath, path, method, headers, agent: false });
    sent.once('upgrade', (response, socket, head) => {
      socket.unshift(head);
      resolve({ code: response.statusCode ?? 0, socket: socket as Socket });
    });
    sent.once('response', (response) => {
      void text(response).then((body) => resolve({ code: response.statusCode ?? 0, body }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** A runtime's streaming server that takes the upgrade and then echoes; `heads` holds what it was asked. */
async function withStreamingServer(body: (url: string, heads: string[]) => Promise<void>): Promise<void> {
  const heads: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head) => {
      heads.push(String(head));
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nhello ');
      socket.pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await body(`http://127.0.0.1:${port}`, heads);
  } finally {
    server.close();
  }
}

describe('streams', () => {
  it('an upgrade is handed through to the runtime, head and query and bytes', () =>
    withStreamingServer(async (url, heads) => {
      const asked: unknown[] = [];
      const note = async (...args: readonly unknown[]) => {
        asked.push(args.slice(0, 2));
        return ok(`${url}/exec/token`);
      };
      const streams: StreamsPort = { exec: note, attach: note, portForward: note };
      await withServer(
        async ({ socketPath }) => {
          const query = 'command=a&command=b%20c&input=1&output=1&error=1&tty=1';
          const { code, socket } = await upgrade(socketPath, `/exec/default/web-node1/app?${query}`);
          assert.equal(code, 101);
          assert.ok(socket !== undefined);
          socket.write('world');
          let echoed = '';
          for await (const chunk of socket) {
            echoed += String(chunk);
            if (echoed.endsWith('world')) break;
          }
          assert.equal(echoed, 'hello world');
          assert.match(heads[0] ?? '', new RegExp(`^POST /exec/token\\?${query.replaceAll('?', '\\?')} HTTP/1.1\r\n`));
          assert.match(heads[0] ?? '', /x-stream-protocol-version: v4\.channel\.k8s\.io/i);
          const second = await upgrade(socketPath, '/attach/default/web-node1/uid-web/app?output=1', 'GET');
          second.socket?.destroy();
          const third = await upgrade(socketPath, '/portForward/default/web-node1?port=80');
          third.socket?.destroy();
          assert.deepEqual(asked, [
            ['c1', { command: ['a', 'b c'], stdin: true, stdout: true, stderr: false, tty: true }],
            ['c1', { stdin: false, stdout: true, stderr: false, tty: false }],
            ['s1', [80]],
          ]);
        },
        { runner: scene(), backends: { streams } },
      );
    }));

  it('the end of the server ends streams', () =>
    withStreamingServer(async (url) => {
      const open = async () => ok(url);
      await withServer(
        async ({ socketPath, close }) => {
          const { socket } = await upgrade(socketPath, '/attach/default/web-node1/app?output=1');
          socket?.resume();
          const ended = new Promise((resolve) => socket?.once('close', resolve));
          await close();
          await ended;
        },
        { runner: scene(), backends: { streams: { exec: open, attach: open, portForward: open } } },
      );
    }));

  const refusals: readonly (readonly [string, number, string])[] = [
    ['/exec/default/none/app?command=a&output=1', 404, 'pod "none" does not exist in namespace "default"'],
    ['/exec/default/web-node1/none?command=a&output=1', 404, 'container "none" not found in pod "web-node1"'],
    [
      '/exec/default/web-node1/other-uid/app?command=a&output=1',
      404,
      'pod "web-node1" does not exist in namespace "default"',
    ],
    ['/exec/default/down-node1/app?command=a&output=1', 400, 'container "app" in pod "down-node1" is not running'],
    ['/exec/default/web-node1/app?output=1', 400, 'The parameter "command" is missing'],
    ['/exec/default/web-node1/app?command=a', 400, 'You must specify at least 1 of stdin, stdout, stderr'],
    ['/exec/default/web-node1/app?command=a&tty=maybe', 400, 'The parameter "tty" must be true or false, got "maybe"'],
    ['/exec/default/web-node1/app?command=a&output=1', 500, 'no such container'],
    ['/attach/default/web-node1/app', 400, 'You must specify at least 1 of stdin, stdout, stderr'],
    ['/attach/default/web-node1/app?output=1', 500, 'no such container'],
    ['/portForward/default/down-node1', 400, 'pod "down-node1" has no network: it is not running'],
    ['/portForward/default/web-node1?port=0', 400, 'The parameter "port" must be from 1 to 65535, got "0"'],
    ['/portForward/default/web-node1', 500, 'no such container'],
  ];
  for (const [path, code, message] of refusals) {
    it(`refuses ${path} with ${code}`, () =>
      withServer(
        async ({ socketPath }) => {
          const answer = await upgrade(socketPath, path);
          assert.deepEqual([answer.code, JSON.parse(answer.body ?? '').message], [code, message]);
        },
        { runner: scene() },
      ));
  }

  it('an address that cannot be reached, and one of another scheme, are told', async () => {
    for (const [url, code] of [
      ['http://127.0.0.1:1/', 502],
      ['https://127.0.0.1:1/', 501],
    ] as const) {
      const open = async () => ok(url);
      await withServer(
        async ({ socketPath }) => {
          const answer = await upgrade(socketPath, '/attach/default/web-node1/app?output=1');
          assert.equal(answer.code, code);
        },
        { runner: scene(), backends: { streams: { exec: open, attach: open, portForward: open } } },
      );
    }
  });

  it('without an upgrade, or with another method, there is no stream; an upgrade elsewhere is not taken', () =>
    withServer(
      async ({ socketPath }) => {
        assert.equal((await ask(socketPath, '/exec/default/web-node1/app?command=a&output=1')).code, 400);
        assert.equal((await ask(socketPath, '/exec/default/web-node1/app', { method: 'DELETE' })).code, 405);
        const plain = await upgrade(socketPath, '/healthz', 'GET');
        assert.deepEqual([plain.code, plain.body], [200, 'ok']);
      },
      { runner: scene() },
    ));
});
