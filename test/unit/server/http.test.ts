import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunnerSnapshot } from '../../../src/ports/runner.ts';
import { BODY_MAX_BYTES } from '../../../src/server/body.ts';
import { startServer } from '../../../src/server/http.ts';
import { fakeBackends } from './fakeBackends.ts';
import { fakeRunner, READY_NODE, runningPod } from './fakeRunner.ts';
import { withServer } from './scene.ts';
import { ask, withDirectory } from './unixHttp.ts';

test('/pods is a v1 PodList and nothing more', async () => {
  const pods = [runningPod('web'), runningPod('db', { namespace: 'data' })];
  await withServer(
    async ({ socketPath }) => {
      const { code, headers, body } = await ask(socketPath, '/pods');
      assert.deepEqual(
        { code, type: headers['content-type'], body: JSON.parse(body) },
        { code: 200, type: 'application/json', body: { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods } },
      );
    },
    { runner: fakeRunner({ pods }) },
  );
});

test('/status is the whole snapshot', async () => {
  const runner = fakeRunner({ pods: [runningPod('web')] });
  await withServer(
    async ({ socketPath }) => {
      assert.deepEqual(JSON.parse((await ask(socketPath, '/status')).body), runner.snapshot());
    },
    { runner },
  );
});

test('/configz has the values in the envelope of the kubelet and their origins beside it', async () => {
  await withServer(async ({ socketPath }) => {
    assert.deepEqual(JSON.parse((await ask(socketPath, '/configz')).body), {
      kubeletconfig: { nodeName: 'node1', logLevel: 'debug' },
      origins: { nodeName: 'default', logLevel: 'flag' },
    });
  });
});

test('/events is a v1 EventList about pods and the node', async () => {
  const at = { count: 2, firstTimestamp: '2026-01-02T03:04:05Z', lastTimestamp: '2026-01-02T03:04:06Z' };
  const runner = fakeRunner({
    events: [
      { ...at, type: 'Normal', reason: 'Starting', message: 'Starting solopod.' },
      {
        ...at,
        type: 'Warning',
        reason: 'BackOff',
        message: 'Back-off restarting failed container',
        pod: 'default/web-node1',
        podUid: 'u1',
        fieldPath: 'spec.containers{app}',
      },
    ],
  });
  const common = {
    source: { component: 'solopod', host: 'node1' },
    count: 2,
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:06Z',
  };
  await withServer(
    async ({ socketPath }) => {
      assert.deepEqual(JSON.parse((await ask(socketPath, '/events')).body), {
        kind: 'EventList',
        apiVersion: 'v1',
        metadata: {},
        items: [
          {
            metadata: { name: 'node1.0', namespace: 'default', creationTimestamp: '2026-01-02T03:04:05Z' },
            involvedObject: { kind: 'Node', apiVersion: 'v1', name: 'node1', uid: 'node1' },
            reason: 'Starting',
            message: 'Starting solopod.',
            type: 'Normal',
            ...common,
          },
          {
            metadata: { name: 'web-node1.1', namespace: 'default', creationTimestamp: '2026-01-02T03:04:05Z' },
            involvedObject: {
              kind: 'Pod',
              apiVersion: 'v1',
              namespace: 'default',
              name: 'web-node1',
              uid: 'u1',
              fieldPath: 'spec.containers{app}',
            },
            reason: 'BackOff',
            message: 'Back-off restarting failed container',
            type: 'Warning',
            ...common,
          },
        ],
      });
    },
    { runner },
  );
});

test('health says ok, names each check when asked, and names the failing one', async () => {
  const trouble: { loop?: string } = {};
  const checks = [{ name: 'loop', check: () => trouble.loop }];
  await withServer(
    async ({ socketPath, runner }) => {
      const get = async (path: string) => {
        const { code, body } = await ask(socketPath, path);
        return [code, body];
      };
      assert.deepEqual(await get('/healthz'), [200, 'ok']);
      assert.deepEqual(await get('/readyz'), [200, 'ok']);
      assert.deepEqual(await get('/livez?verbose'), [200, '[+]ping ok\n[+]loop ok\nlivez check passed\n']);
      assert.deepEqual(await get('/healthz/ping'), [200, 'ok']);

      trouble.loop = 'no turn for 60 s';
      runner.change({ node: { ...READY_NODE, networkReady: false, message: 'no CNI configuration' } });
      assert.deepEqual(await get('/healthz'), [
        500,
        '[+]ping ok\n[-]loop failed: no turn for 60 s\nhealthz check failed\n',
      ]);
      assert.deepEqual(await get('/healthz/loop'), [500, 'no turn for 60 s\n']);
      assert.deepEqual(await get('/readyz'), [
        500,
        '[+]ping ok\n[-]loop failed: no turn for 60 s\n[+]sources ok\n[+]runtime ok\n[-]network failed: no CNI configuration\nreadyz check failed\n',
      ]);
    },
    { checks },
  );
});

test('requests reach the runner as selections', async () => {
  const pods = [runningPod('web')];
  await withServer(
    async ({ socketPath, runner }) => {
      const post = (path: string, body: unknown) =>
        ask(socketPath, path, { method: 'POST', body: JSON.stringify(body) });
      assert.deepEqual(JSON.parse((await post('/pods/stop', { all: true })).body), { pods: ['default/web-node1'] });
      await post('/pods/start', { names: ['web'] });
      await post('/pods/restart', { names: ['web'], namespace: 'data' });
      assert.deepEqual(runner.requests, [
        { verb: 'stop', selection: { all: true } },
        { verb: 'start', selection: { names: ['web'] } },
        { verb: 'restart', selection: { names: ['web'], namespace: 'data' } },
      ]);
    },
    { runner: fakeRunner({ pods }) },
  );
});

const REFUSED: readonly {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}[] = [
  {
    name: 'an unknown path',
    path: '/nope',
    code: 404,
    reason: 'NotFound',
    message: 'The server has no resource at /nope',
  },
  {
    name: 'an unknown check',
    path: '/healthz/nope',
    code: 404,
    reason: 'NotFound',
    message: 'There is no health check "nope"',
  },
  {
    name: 'a wrong method',
    path: '/pods',
    method: 'DELETE',
    code: 405,
    reason: 'MethodNotAllowed',
    message: '/pods does not support DELETE, only GET',
  },
  {
    name: 'a request by GET',
    path: '/pods/stop',
    code: 405,
    reason: 'MethodNotAllowed',
    message: '/pods/stop does not support GET, only POST',
  },
  {
    name: 'an empty body',
    path: '/pods/stop',
    method: 'POST',
    code: 400,
    reason: 'BadRequest',
    message: 'Cannot select pods: the body must be a JSON object',
  },
  {
    name: 'an empty selection',
    path: '/pods/stop',
    method: 'POST',
    body: '{}',
    code: 400,
    reason: 'BadRequest',
    message: 'Cannot select pods: "names" must hold 1 to 1000 pod names',
  },
  {
    name: 'no names',
    path: '/pods/stop',
    method: 'POST',
    body: '{"names":[]}',
    code: 400,
    reason: 'BadRequest',
    message: 'Cannot select pods: "names" must hold 1 to 1000 pod names',
  },
  {
    name: 'all and names',
    path: '/pods/stop',
    method: 'POST',
    body: '{"all":true,"names":["a"]}',
    code: 400,
    reason: 'BadRequest',
    message: 'Cannot select pods: "all" must be true and stands without "names"',
  },
  {
    name: 'a misspelt field',
    path: '/pods/stop',
    method: 'POST',
    body: '{"name":["a"]}',
    code: 400,
    reason: 'BadRequest',
    message: 'Cannot select pods: unknown field "name"',
  },
  {
    name: 'a namespace that is no string',
    path: '/pods/stop',
    method: 'POST',
    body: '{"names":["a"],"namespace":1}',
    code: 400,
    reason: 'BadRequest',
    message: 'Cannot select pods: "namespace" must be a string',
  },
  {
    name: 'a body that is too large',
    path: '/pods/stop',
    method: 'POST',
    body: ' '.repeat(BODY_MAX_BYTES + 1),
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'The request body must be at most 1048576 bytes',
  },
];

for (const { name, path, code, reason, message, ...asked } of REFUSED) {
  test(`${name} is answered with a Status object of code ${code}`, async () => {
    await withServer(async ({ socketPath, runner }) => {
      const answer = await ask(socketPath, path, asked);
      assert.deepEqual(
        { code: answer.code, body: JSON.parse(answer.body) },
        { code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } },
      );
      assert.deepEqual(runner.requests, []);
    });
  });
}

test('text that is not JSON is refused', async () => {
  await withServer(async ({ socketPath }) => {
    const { code, body } = await ask(socketPath, '/pods/stop', { method: 'POST', body: '{' });
    assert.equal(code, 400);
    assert.match(JSON.parse(body).message, /^Cannot read the request body as JSON: /);
  });
});

test('a wrong method is told the right one', async () => {
  await withServer(async ({ socketPath }) => {
    assert.equal((await ask(socketPath, '/status', { method: 'PUT' })).headers.allow, 'GET');
  });
});

test('what the runner refuses is passed on', async () => {
  const runner = fakeRunner();
  runner.onRequest = () => ({ ok: false, status: 404, message: 'pod "web" not found' });
  await withServer(
    async ({ socketPath }) => {
      const { code, body } = await ask(socketPath, '/pods/stop', { method: 'POST', body: '{"names":["web"]}' });
      assert.deepEqual(
        [code, JSON.parse(body).reason, JSON.parse(body).message],
        [404, 'NotFound', 'pod "web" not found'],
      );
    },
    { runner },
  );
});

test('a bug while answering is a 500 without details', async () => {
  const runner = { ...fakeRunner(), snapshot: (): RunnerSnapshot => assert.fail('secret detail') };
  await withDirectory(async (directory) => {
    const errors: string[] = [];
    const log = { debug: () => {}, error: (_: object, message: string) => errors.push(message) };
    const socketPath = join(directory, 's.sock');
    const server = await startServer({ socketPath, runner, backends: fakeBackends(), log });
    const { code, body } = await ask(socketPath, '/pods');
    await server.close();
    assert.deepEqual([code, JSON.parse(body).message], [500, 'Cannot answer the request: see the log of the runner']);
    assert.deepEqual(errors, ['Failed to answer request']);
  });
});
