import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createHttpSource } from '../../../src/source/http.ts';
import { startWatching, texts } from './watching.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server on loopback that gives one answer after another, the last one for ever. */
async function serve(context: TestContext, answers: readonly Answer[]) {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    answer?.(response, request);
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function watchUrl(context: TestContext, url: string, headers = {}) {
  return startWatching(context, createHttpSource({ url: new URL(url), headers, intervalMs: 20, timeoutMs: 500 }));
}

const say =
  (text: string, headers: { readonly [name: string]: string } = {}): Answer =>
  (response) =>
    response.writeHead(200, headers).end(text);

test('What the URL gives is delivered once, and again when it changes', async (t) => {
  const { origin } = await serve(t, [say('one'), say('one'), say('two')]);
  const watching = watchUrl(t, `${origin}/pods.yaml`);
  assert.deepEqual(texts(await watching.next()), { [`${origin}/pods.yaml`]: 'one' });
  assert.deepEqual(texts(await watching.next()), { [`${origin}/pods.yaml`]: 'two' });
});

test('An unchanged version is asked for by its ETag and date and not sent again', async (t) => {
  const stamp = 'Sat, 21 Nov 2026 10:00:00 GMT';
  const unchanged: Answer = (response) => response.writeHead(304).end();
  const { origin, requests } = await serve(t, [
    say('one', { ETag: '"1"', 'Last-Modified': stamp }),
    unchanged,
    say('two'),
  ]);
  const watching = watchUrl(t, `${origin}/p`);
  await watching.next();
  await watching.next();
  const [first, second] = requests.map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']]);
  assert.deepEqual(
    [first, second],
    [
      [undefined, undefined],
      ['"1"', stamp],
    ],
  );
});

test('After a failure the last version is delivered again when it is confirmed', async (t) => {
  const down: Answer = (response) => response.writeHead(503).end();
  const { origin } = await serve(t, [say('one', { ETag: '"1"' }), down, (response) => response.writeHead(304).end()]);
  const watching = watchUrl(t, `${origin}/p`);
  assert.deepEqual(texts(await watching.next()), { [`${origin}/p`]: 'one' });
  assert.equal(texts(await watching.next()), `failure: ${origin}/p: answered 503 Service Unavailable`);
  assert.deepEqual(texts(await watching.next()), { [`${origin}/p`]: 'one' });
});

const FAILURES: readonly { readonly name: string; readonly answer: Answer; readonly says: string }[] = [
  { name: 'A missing page', answer: (r) => r.writeHead(404).end('no'), says: 'answered 404 Not Found' },
  { name: 'An answer without content', answer: (r) => r.writeHead(204).end(), says: 'answered 204 No Content' },
  { name: '304 without a question', answer: (r) => r.writeHead(304).end(), says: 'answered 304 Not Modified' },
  {
    name: 'An empty answer',
    answer: say(''),
    says: 'the answer is empty; "kind: PodList" with "items: []" asks for no pods',
  },
  {
    name: 'A web page by its type',
    answer: say('hello', { 'Content-Type': 'text/html; charset=utf-8' }),
    says: 'answered with a web page (text/html)',
  },
  {
    name: 'A web page by its text',
    answer: say('\n<!DOCTYPE html><title>Log in</title>'),
    says: 'answered with a web page instead of a manifest',
  },
  {
    name: 'A compressed answer',
    answer: say('x', { 'Content-Encoding': 'gzip' }),
    says: 'answered in encoding gzip, which was not asked for',
  },
  {
    name: 'An answer that is cut off',
    answer: (r) => {
      r.writeHead(200, { 'Content-Length': '100' }).write('half');
      setImmediate(() => r.destroy());
    },
    says: 'the connection broke before the answer was complete',
  },
  { name: 'No answer', answer: () => {}, says: 'no complete answer within 500 ms' },
  {
    name: 'An answer that never ends',
    answer: (r) => {
      const timer = setInterval(() => r.write('.'), 20);
      r.on('close', () => clearInterval(timer));
    },
    says: 'no complete answer within 500 ms',
  },
  {
    name: 'An answer above the size limit',
    answer: (r) => r.end(Buffer.alloc(10 * 1024 * 1024 + 1, 32)),
    says: 'answered more than 10485760 bytes',
  },
  {
    name: 'A redirect to another scheme',
    answer: (r) => r.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
    says: 'redirects to file, which is neither http nor https',
  },
  {
    name: 'A redirect loop',
    answer: (r) => r.writeHead(302, { Location: '/p' }).end(),
    says: 'redirects more than 5 times',
  },
];

for (const { name, answer, says } of FAILURES) {
  test(`${name} is a failure: ${says}`, async (t) => {
    const { origin } = await serve(t, [answer]);
    assert.equal(texts(await watchUrl(t, `${origin}/p`).next()), `failure: ${origin}/p: ${says}`);
  });
}

test('A server that is not there is a failure', async (t) => {
  assert.equal(
    texts(await watchUrl(t, 'http://127.0.0.1:1/p').next()),
    'failure: http://127.0.0.1:1/p: connection refused',
  );
});

test('Configured headers and credentials go to the origin that they are for and nowhere else', async (t) => {
  const other = await serve(t, [say('pods')]);
  const { origin, requests } = await serve(t, [
    (response) => response.writeHead(302, { Location: '/second' }).end(),
    (response) => response.writeHead(307, { Location: `${other.origin}/third?key=k` }).end(),
  ]);
  const url = origin.replace('http://', 'http://me:pass%20word@');
  const watching = watchUrl(t, `${url}/first?token=secret`, { 'X-Token': ['a', 'b'] });
  assert.deepEqual(texts(await watching.next()), { [`${origin}/first?token=xxxxx`]: 'pods' });
  await watching.stop();
  const basic = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
  const seen = [...requests.slice(0, 2), ...other.requests.slice(0, 1)].map(({ url: path, headers }) => [
    path,
    headers.authorization,
    headers['x-token'],
  ]);
  assert.deepEqual(seen, [
    ['/first?token=secret', basic, 'a, b'],
    ['/second', basic, 'a, b'],
    ['/third?key=k', undefined, undefined],
  ]);
});

test('Neither the id nor a message shows a credential', async (t) => {
  const { origin } = await serve(t, [(response) => response.writeHead(401).end()]);
  const url = `${origin.replace('http://', 'http://me:canary@')}/p?token=canary`;
  const source = createHttpSource({ url: new URL(url), headers: {}, intervalMs: 20, timeoutMs: 500 });
  const update = await startWatching(t, source).next();
  assert.doesNotMatch(JSON.stringify([source.id, update]), /canary/);
  assert.match(source.id, /\/p\?token=xxxxx#[0-9a-f]{8}$/);
});
