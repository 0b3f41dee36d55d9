// Everything that can happen to a server of manifests (F-HTTP of the fault table), with real servers that misbehave: in
// none of it does a pod leave the set.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createAnswerMemory } from '../../../src/daemon/answerMemory.ts';
import { createHttpSource, type HttpSourceOptions } from '../../../src/source/http.ts';
import { retryAfterMs } from '../../../src/source/retryAfter.ts';
import { type Answer, type ManifestServer, say, serveManifests } from '../../support/manifestServer.ts';
import { podText, SourceLab, untilHolds } from '../../support/sourceLab.ts';
import { tempDir } from '../../support/tempDir.ts';
import { selfSigned } from '../probe/selfSigned.ts';

const A = podText('a', 'v1');

type More = Partial<HttpSourceOptions>;

async function lab(t: TestContext, urls: readonly string[], more: More = {}, dir?: string): Promise<SourceLab> {
  const directory = dir ?? (await labDir(t));
  const memory = createAnswerMemory(path.join(directory, 'urls'), () => {});
  const options = { headers: {}, intervalMs: 30, timeoutMs: 400, memory, ...more };
  const sources = () => urls.map((url) => createHttpSource({ ...options, url: new URL(url) }));
  return SourceLab.open(t, { state: path.join(directory, 'manifests'), sources });
}

function labDir(t: TestContext): Promise<string> {
  return tempDir(t, () => SourceLab.stopAll());
}

async function ready(t: TestContext, more: More = {}): Promise<{ server: ManifestServer; lab: SourceLab }> {
  const server = await serveManifests(t, say(A));
  const opened = await lab(t, [`${server.origin}/p`], more);
  await opened.untilPods({ a: 'v1' });
  return { server, lab: opened };
}

const FAULTS: readonly {
  readonly row: string;
  readonly name: string;
  readonly answer: Answer;
  readonly says: RegExp;
}[] = [
  { row: 'F-HTTP-1', name: 'no answer', answer: () => {}, says: /no complete answer within 400 ms/ },
  { row: 'F-HTTP-2', name: '500', answer: say('', {}, 500), says: /answered 500 Internal Server Error/ },
  { row: 'F-HTTP-2', name: '404', answer: say(A, {}, 404), says: /answered 404 Not Found/ },
  { row: 'F-HTTP-2', name: '401', answer: say(A, {}, 401), says: /answered 401 Unauthorized/ },
  { row: 'F-HTTP-2', name: '204', answer: (r) => r.writeHead(204).end(), says: /answered 204 No Content/ },
  { row: 'F-HTTP-3', name: 'an empty body', answer: say(''), says: /the answer is empty/ },
  {
    row: 'F-HTTP-4',
    name: 'fewer bytes than announced',
    answer: (r) => {
      r.writeHead(200, { 'Content-Length': '5000' }).write(A);
      setImmediate(() => r.destroy());
    },
    says: /the connection broke before the answer was complete/,
  },
  {
    row: 'F-HTTP-4',
    name: 'a chunked body that is cut off',
    answer: (r) => {
      r.writeHead(200).write(A);
      setImmediate(() => r.destroy());
    },
    says: /the connection broke before the answer was complete/,
  },
  { row: 'F-HTTP-4', name: 'JSON that ends early', answer: say('{"apiVersion":"v1","kind":"Po'), says: /^rejected /m },
  {
    row: 'F-HTTP-6',
    name: 'a redirect loop',
    answer: say('', { Location: '/p' }, 302),
    says: /redirects more than 5 times/,
  },
  {
    row: 'F-HTTP-6',
    name: 'a redirect to a file',
    answer: say('', { Location: 'file:///etc/passwd' }, 302),
    says: /redirects to file/,
  },
  {
    row: 'F-HTTP-6',
    name: 'a redirect to a socket',
    answer: say('', { Location: 'unix:///run/x.sock' }, 302),
    says: /redirects to unix/,
  },
  {
    row: 'F-HTTP-7',
    name: 'a body that drips',
    answer: (r) => {
      const timer = setInterval(() => r.write('#'), 20);
      r.on('close', () => clearInterval(timer));
    },
    says: /no complete answer within 400 ms/,
  },
  {
    row: 'F-HTTP-8',
    name: 'a body that is too large',
    answer: (r) => r.end(Buffer.alloc(11 * 2 ** 20, 35)),
    says: /answered more than 10485760 bytes/,
  },
  {
    row: 'F-HTTP-8',
    name: 'a gzip bomb',
    answer: (r) => r.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20 * 2 ** 20))),
    says: /answered in encoding gzip, which was not asked for/,
  },
  {
    row: 'F-HTTP-12',
    name: 'a login page',
    answer: say('<html>Log in</html>', { 'Content-Type': 'text/html' }),
    says: /answered with a web page/,
  },
  {
    row: 'F-HTTP-12',
    name: 'a page of another type',
    answer: say(' <!DOCTYPE html>', { 'Content-Type': 'text/plain' }),
    says: /answered with a web page/,
  },
];

for (const { row, name, answer, says } of FAULTS) {
  test(`${row} ${name} keeps the pods, also over a restart, and the next good answer counts`, async (t) => {
    const { server, lab: opened } = await ready(t);
    server.answer = answer;
    await opened.untilTrouble(says);
    await opened.restart();
    await opened.untilTrouble(says);
    await opened.untilPods({ a: 'v1' });
    assert.deepEqual(opened.lost, []);
    server.answer = say(podText('a', 'v2'));
    await opened.untilPods({ a: 'v2' });
    await untilHolds(() => assert.deepEqual(opened.troubles(), []));
  });
}

test('F-HTTP-3 a list without items is the way to say that there are no pods', async (t) => {
  const { server, lab: opened } = await ready(t);
  server.answer = say('{"apiVersion":"v1","kind":"PodList","items":[]}');
  await opened.untilPods({});
});

test('F-HTTP-5 one bad pod in a list keeps its old version, the others move on', async (t) => {
  const { server, lab: opened } = await ready(t);
  const good = `---\n${podText('b', 'v2')}`;
  server.answer = say(`${A}---\n${podText('b', 'v1')}`);
  await opened.untilPods({ a: 'v1', b: 'v1' });
  server.answer = say(A.replace('image', 'imagge') + good);
  await opened.untilPods({ a: 'v1', b: 'v2' });
});

test('F-HTTP-9 a certificate that nobody vouches for keeps the pods, and there is no way round it', async (t) => {
  const directory = await labDir(t);
  const server = await serveManifests(t, say(A), selfSigned());
  const opened = await lab(t, [`${server.origin}/p`], {}, directory);
  await opened.untilTrouble(/^failed https:.*: (self.signed certificate|.*certificate.*expired|.*does not match)/im);
  assert.deepEqual(opened.pods, {});
});

test('F-HTTP-10 contents that flap are never in force together', async (t) => {
  let turn = 0;
  const server = await serveManifests(t, (response) => {
    turn += 1;
    response.end(podText('a', `v${turn % 2}`));
  });
  const opened = await lab(t, [`${server.origin}/p`]);
  await untilHolds(() => assert.ok(opened.lost.length >= 4));
  assert.equal(Object.keys(opened.pods).length, 1);
});

test('F-HTTP-11 a question about an unchanged version costs few bytes, over restarts too, and a change under one ETag is seen', async (t) => {
  let text = A;
  let tag = '"1"';
  const server = await serveManifests(t, (response, request) => {
    if (request.headers['if-none-match'] === tag) response.writeHead(304, { ETag: tag }).end();
    else response.writeHead(200, { ETag: tag }).end(text);
  });
  const opened = await lab(t, [`${server.origin}/fleet/device/pods.yaml`]);
  await opened.untilPods({ a: 'v1' });
  await opened.restart();
  await opened.untilPods({ a: 'v1' });
  const asked = server.requests.length;
  await untilHolds(() => assert.ok(server.requests.length > asked + 5));
  await opened.stop();
  const unconditional = server.requests.filter(({ headers }) => headers['if-none-match'] === undefined);
  assert.equal(unconditional.length, 1);
  await server.close();
  const perPoll = Math.round((server.bytes() - A.length) / server.requests.length);
  t.diagnostic(`${perPoll} bytes of TCP payload per poll`);
  assert.ok(perPoll < 450, `${perPoll} bytes per poll`);
  text = podText('a', 'v2');
  tag = '"2"';
});

test('F-HTTP-11 a server that sends another body under the same ETag is believed', async (t) => {
  const { server, lab: opened } = await ready(t);
  server.answer = say(podText('a', 'v2'), { ETag: '"same"' });
  await opened.untilPods({ a: 'v2' });
  server.answer = say(podText('a', 'v3'), { ETag: '"same"' });
  await opened.untilPods({ a: 'v3' });
});

test('F-HTTP-13 a host without address keeps the pods of the others', async (t) => {
  const server = await serveManifests(t, say(A));
  const opened = await lab(t, ['http://no-such-host.invalid/p', `${server.origin}/p`]);
  await opened.untilPods({ a: 'v1' });
  await opened.untilTrouble(/^failed http:\/\/no-such-host\.invalid\/p: .*the host name cannot be resolved/m);
});

test('several URLs are sources of their own', async (t) => {
  const server = await serveManifests(t, (response, request) =>
    response.end(podText(request.url?.slice(1) ?? '', 'v1')),
  );
  const opened = await lab(
    t,
    [`${server.origin}/a`, `${server.origin}/b?key=1`, `${server.origin}/c?key=2`].map((url) =>
      url.replace(/\?.*/, ''),
    ),
  );
  await opened.untilPods({ a: 'v1', b: 'v1', c: 'v1' });
});

test('a server that asks for rest is not asked before', async (t) => {
  const { server, lab: opened } = await ready(t);
  server.answer = (response) => response.writeHead(429, { 'Retry-After': '2' }).end();
  await opened.untilTrouble(/answered 429 Too Many Requests/);
  const asked = server.requests.length;
  const from = performance.now();
  await untilHolds(() => assert.ok(server.requests.length > asked));
  assert.ok(performance.now() - from > 1_500, 'the wish is honoured');
});

const RETRY: readonly (readonly [header: string | undefined, ms: number | undefined])[] = [
  [undefined, undefined],
  ['5', 5_000],
  ['99999999', 3_600_000],
  ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
];

for (const [header, ms] of RETRY) {
  test(`Retry-After ${header} is ${ms} ms`, () => {
    assert.equal(retryAfterMs(header, 'Sat, 21 Nov 2026 10:00:00 GMT'), ms);
  });
}

test('a bearer token is read from its file for every question and goes to its own origin only', async (t) => {
  const directory = await labDir(t);
  const file = path.join(directory, 'token');
  writeFileSync(file, 'canary-1\n');
  const other = await serveManifests(t, say(A));
  const server = await serveManifests(t, say('', { Location: `${other.origin}/p` }, 302));
  const opened = await lab(t, [`${server.origin}/p`], { files: { bearerToken: file } }, directory);
  await opened.untilPods({ a: 'v1' });
  writeFileSync(file, 'canary-2\n');
  await untilHolds(() => assert.equal(server.requests.at(-1)?.headers.authorization, 'Bearer canary-2'));
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer canary-1');
  assert.ok(other.requests.every(({ headers }) => headers.authorization === undefined));
  writeFileSync(file, 'two canary\nlines');
  await opened.untilTrouble(/the bearer token in .*token must be one line of visible characters/);
  assert.doesNotMatch(opened.troubles().join(), /canary/);
  assert.deepEqual(opened.lost, []);
});

test('a server behind a client certificate and an authority of its own', { skip: whyNoOpenssl() }, async (t) => {
  const directory = await labDir(t);
  const { ca, server: pair, client } = makeAuthority(directory);
  const tls = {
    key: readFileSync(pair.key),
    cert: readFileSync(pair.certificate),
    ca: readFileSync(ca),
    requestCert: true,
  };
  const server = await serveManifests(t, say(A), tls);
  const without = await lab(t, [`${server.origin}/p`], { files: { ca } }, path.join(directory, 'x'));
  await without.untilTrouble(/^failed https:/m);
  const opened = await lab(t, [`${server.origin}/p`], { files: { ca, ...client } }, directory);
  await opened.untilPods({ a: 'v1' });
  writeFileSync(client.key, 'no key');
  await opened.untilTrouble(/^failed https:/m);
  assert.deepEqual([opened.pods, opened.lost], [{ a: 'v1' }, []]);
});

test('the proxy of the environment is used, but not for this machine, and its password stays unsaid', async (t) => {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization'] === undefined ? 'without' : 'with'} password`);
    response.end(A);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  t.after(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const server = await serveManifests(t, say(podText('b', 'v1')));
  const proxyEnv = { http_proxy: `http://me:canary@127.0.0.1:${port}`, no_proxy: '' };
  const opened = await lab(t, ['http://manifests.example/p', `${server.origin}/p`], { proxyEnv });
  await opened.untilPods({ a: 'v1', b: 'v1' });
  assert.equal(seen[0], 'http://manifests.example/p with password');
  assert.ok(seen.every((line) => line.startsWith('http://manifests.example/')));
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await opened.untilTrouble(/manifests\.example/);
  assert.doesNotMatch(opened.troubles().join(), /canary/);
});

test('https goes through a tunnel of the proxy', { skip: whyNoOpenssl() }, async (t) => {
  const directory = await labDir(t);
  const { ca, server: pair } = makeAuthority(directory);
  const server = await serveManifests(t, say(A), { key: readFileSync(pair.key), cert: readFileSync(pair.certificate) });
  const tunnels: string[] = [];
  const proxy = createServer().listen(0, '127.0.0.1');
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const upstream = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise((resolve) => proxy.once('listening', resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const proxyEnv = { https_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const opened = await lab(t, ['https://manifests.example/p'], { proxyEnv, files: { ca } }, directory);
  await opened.untilPods({ a: 'v1' });
  assert.equal(tunnels[0], 'manifests.example:443');
});

test('what is kept of a URL is private and holds no credential of it', async (t) => {
  const directory = await labDir(t);
  const server = await serveManifests(t, say(A, { ETag: '"1"' }));
  const url = `${server.origin.replace('http://', 'http://me:canary@')}/p?token=canary`;
  const opened = await lab(t, [url], {}, directory);
  await opened.untilPods({ a: 'v1' });
  await opened.stop();
  const kept = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  assert.equal(kept.length, 2);
  for (const name of kept) assert.doesNotMatch(readFileSync(path.join(directory, name), 'utf8'), /canary/);
  assert.equal(spawnSync('find', [directory, '-name', '*.json', '-perm', '/077']).stdout.toString(), '');
});

function whyNoOpenssl(): string | false {
  return spawnSync('openssl', ['version']).status === 0 ? false : 'needs openssl';
}

interface Pair {
  readonly key: string;
  readonly certificate: string;
}

/** An authority with a server for this machine and manifests.example, and a client. */
function makeAuthority(directory: string): { readonly ca: string; readonly server: Pair; readonly client: Pair } {
  const at = (name: string): string => path.join(directory, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=ca', '-days', '2');
  const pair = (name: string): Pair => {
    const [key, certificate] = [at(`${name}.key`), at(`${name}.pem`)];
    writeFileSync(at('san'), 'subjectAltName=IP:127.0.0.1,DNS:manifests.example\n');
    openssl('req', ...newKey, '-keyout', key, '-out', at('csr'), '-subj', `/CN=${name}`);
    const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('san')];
    openssl('x509', '-req', '-in', at('csr'), ...signed, '-out', certificate, '-days', '2');
    return { key, certificate };
  };
  return { ca: at('ca.pem'), server: pair('server'), client: pair('client') };
}
