import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Pod } from '../../../src/api/kubernetes.ts';
import type { SourceTrouble } from '../../../src/ports/runner.ts';
import { fakeRunner, noteFor, READY_NODE, runningPod } from '../server/fakeRunner.ts';
import { withRunner } from './runCli.ts';

const WEB = runningPod('web');
const DB = runningPod('db', { namespace: 'data' });

test("status is kubectl's table", async () => {
  await withRunner(fakeRunner({ pods: [WEB, runningPod('log')] }), async ({ run }) => {
    assert.deepEqual(await run('status'), {
      code: 0,
      out: 'NAME        READY   STATUS    RESTARTS   AGE\nweb-node1   1/1     Running   0          5m\nlog-node1   1/1     Running   0          5m\n',
      err: '',
    });
  });
});

for (const args of [['ps'], ['get', 'pods'], ['get', 'pod'], ['get', 'po', 'web']]) {
  test(`solopod ${args.join(' ')} is the same table`, async () => {
    await withRunner(fakeRunner({ pods: [WEB] }), async ({ run }) => {
      const { code, out } = await run(...args);
      assert.deepEqual(
        [code, out],
        [0, 'NAME        READY   STATUS    RESTARTS   AGE\nweb-node1   1/1     Running   0          5m\n'],
      );
    });
  });
}

test('restarts tell how long ago the last one was', async () => {
  const pod = runningPod('web', { restarts: 3 });
  const [status] = pod.status?.containerStatuses ?? [];
  assert.ok(status);
  const lastState = { terminated: { exitCode: 1, finishedAt: '2026-01-02T03:03:00Z' } };
  const restarted: Pod = { ...pod, status: { ...pod.status, containerStatuses: [{ ...status, lastState }] } };
  await withRunner(fakeRunner({ pods: [restarted] }), async ({ run }) => {
    assert.equal(
      (await run('status')).out,
      'NAME        READY   STATUS    RESTARTS     AGE\nweb-node1   1/1     Running   3 (2m ago)   5m\n',
    );
  });
});

test('the namespace is a column when pods of several are shown or when it is asked for', async () => {
  const both = 'NAMESPACE   NAME        READY   STATUS    RESTARTS   AGE\n';
  await withRunner(fakeRunner({ pods: [WEB, DB] }), async ({ run }) => {
    assert.equal(
      (await run('status')).out,
      `${both}default     web-node1   1/1     Running   0          5m\ndata        db-node1    1/1     Running   0          5m\n`,
    );
    assert.equal(
      (await run('status', '-n', 'data')).out,
      'NAME       READY   STATUS    RESTARTS   AGE\ndb-node1   1/1     Running   0          5m\n',
    );
    assert.equal(
      (await run('get', 'pods', 'db', '-A')).out,
      'NAMESPACE   NAME       READY   STATUS    RESTARTS   AGE\ndata        db-node1   1/1     Running   0          5m\n',
    );
  });
});

test('-o wide adds address, node and source', async () => {
  await withRunner(fakeRunner({ pods: [WEB], notes: noteFor(WEB) }), async ({ run }) => {
    assert.equal(
      (await run('status', '-o', 'wide')).out,
      'NAME        READY   STATUS    RESTARTS   AGE   IP          NODE    SOURCE\n' +
        'web-node1   1/1     Running   0          5m    10.88.0.5   node1   /etc/solopod/manifests/web.yaml:1\n',
    );
  });
});

test('-o json and -o yaml are what /pods gives; one named pod is given by itself', async () => {
  const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [WEB, DB] };
  const single = { apiVersion: 'v1', kind: 'Pod', ...WEB };
  await withRunner(fakeRunner({ pods: [WEB, DB] }), async ({ run }) => {
    assert.deepEqual(JSON.parse((await run('status', '-o', 'json')).out), list);
    assert.deepEqual(parse((await run('status', '-o', 'yaml')).out), list);
    assert.deepEqual(JSON.parse((await run('status', 'web', '-o', 'json')).out), single);
    assert.deepEqual(parse((await run('get', 'pod', 'web', '-o', 'yaml')).out), single);
    assert.equal((await run('status', '-o', 'name')).out, 'pod/web-node1\npod/db-node1\n');
  });
});

test('no pods are said on standard error, and are no failure', async () => {
  await withRunner(fakeRunner(), async ({ run }) => {
    assert.deepEqual(await run('status'), { code: 0, out: '', err: 'No pods.\n' });
    assert.deepEqual(await run('status', '-n', 'x'), { code: 0, out: '', err: 'No pods in namespace x.\n' });
    assert.equal((await run('status', '-o', 'json')).code, 0);
  });
});

test('a name that fits no pod is an error', async () => {
  await withRunner(fakeRunner({ pods: [WEB] }), async ({ run }) => {
    assert.deepEqual(await run('status', 'nope'), { code: 1, out: '', err: 'error: There is no pod "nope"\n' });
  });
});

const TROUBLES: readonly SourceTrouble[] = [
  { location: '/m/.web.yaml.swp', kind: 'ignored', message: 'hidden file', diagnostics: [] },
  {
    location: '/m/bad.yaml',
    kind: 'rejected',
    message: '1 error',
    diagnostics: [
      {
        severity: 'error',
        code: 'UnknownField',
        file: '/m/bad.yaml',
        document: 1,
        line: 14,
        column: 7,
        object: 'Pod/web',
        path: 'spec.containers[0].imagePullpolicy',
        message: 'unknown field',
        suggestion: 'imagePullPolicy',
      },
      {
        severity: 'warning',
        code: 'Ignored',
        file: '/m/bad.yaml',
        document: 1,
        line: 2,
        column: 1,
        path: 'x',
        message: 'no',
      },
    ],
    version: '9abcdef0',
    running: [{ key: 'default/web-node1', hash: '0123456789abcdef' }],
  },
  { location: 'file:/m', kind: 'held', message: 'is gone', diagnostics: [] },
  { location: 'http://h/pods', kind: 'failed', message: 'connection refused', diagnostics: [] },
];

test('what needs attention stands below the table', async () => {
  const notes = noteFor(WEB, { waitingFor: 'back-off before restart 4', nextTryAt: '2026-01-02T03:05:40Z' });
  const node = { ...READY_NODE, networkReady: false, message: 'no CNI configuration' };
  await withRunner(fakeRunner({ pods: [WEB], notes, node, troubles: TROUBLES }), async ({ run }) => {
    assert.equal(
      (await run('status')).out,
      'NAME        READY   STATUS    RESTARTS   AGE\n' +
        'web-node1   1/1     Running   0          5m\n' +
        '\n' +
        'NODE      The pod network is not ready: no CNI configuration\n' +
        'WAITING   default/web-node1: back-off before restart 4 (next try in 40s)\n' +
        'REJECTED  /m/bad.yaml:14:7: Pod/web: spec.containers[0].imagePullpolicy: unknown field, did you mean "imagePullPolicy"?\n' +
        '          default/web-node1: running 01234567, 9abcdef0 rejected\n' +
        'HELD      file:/m: is gone\n' +
        'FAILED    http://h/pods: connection refused\n' +
        'IGNORED   1 file: /m/.web.yaml.swp (hidden file)\n',
    );
  });
});

test('hostile text is shown harmlessly', async () => {
  const troubles: readonly SourceTrouble[] = [
    { location: '/m/\u001b[2J.yaml', kind: 'failed', message: 'a\nb\u202e', diagnostics: [] },
  ];
  await withRunner(fakeRunner({ troubles }), async ({ run }) => {
    assert.equal((await run('status')).out, 'FAILED    /m/\\u001b[2J.yaml: a\\u000ab\\u202e\n');
  });
});

test('colours mark the state on a terminal', async () => {
  await withRunner(fakeRunner({ pods: [WEB] }), async ({ runAt }) => {
    assert.equal(
      (await runAt({ colour: true }, 'status')).out,
      'NAME        READY   STATUS    RESTARTS   AGE\nweb-node1   1/1     \u001b[32mRunning\u001b[0m   0          5m\n',
    );
  });
});

const NOT_READY: Pod = { ...WEB, status: { ...WEB.status, conditions: [{ type: 'Ready', status: 'False' }] } };
const SUCCEEDED: Pod = { ...WEB, status: { phase: 'Succeeded' } };

const CHECKS = [
  { name: 'a ready pod', parts: { pods: [WEB] }, code: 0 },
  { name: 'no pods', parts: {}, code: 0 },
  { name: 'a pod that succeeded', parts: { pods: [SUCCEEDED] }, code: 0 },
  { name: 'a pod that is not ready', parts: { pods: [NOT_READY] }, code: 3 },
  {
    name: 'a stopped pod',
    parts: { pods: [NOT_READY], notes: noteFor(WEB, { stopped: true, display: 'Stopped' }) },
    code: 0,
  },
  {
    name: 'a pod that is being stopped',
    parts: { pods: [WEB], notes: noteFor(WEB, { stopped: true, display: 'Terminating' }) },
    code: 3,
  },
  { name: 'an ignored file', parts: { troubles: TROUBLES.slice(0, 1) }, code: 0 },
  { name: 'a removal that is held', parts: { troubles: TROUBLES.slice(2, 3) }, code: 3 },
  { name: 'a rejected file', parts: { troubles: TROUBLES.slice(1, 2) }, code: 3 },
  { name: 'a runtime that is not ready', parts: { node: { ...READY_NODE, runtimeReady: false } }, code: 3 },
  { name: 'sources that have not delivered', parts: { node: { ...READY_NODE, sourcesReady: false } }, code: 3 },
];

for (const { name, parts, code } of CHECKS) {
  test(`--check with ${name} exits with ${code}`, async () => {
    await withRunner(fakeRunner(parts), async ({ run }) => assert.equal((await run('status', '--check')).code, code));
  });
}

test('a watch appends rows that change until it is interrupted', async () => {
  const runner = fakeRunner({ pods: [WEB, DB] });
  const interruption = new AbortController();
  const ended: Pod = { ...WEB, status: { phase: 'Succeeded' } };
  const header = 'NAMESPACE   NAME        READY   STATUS    RESTARTS   AGE\n';
  const first =
    'default     web-node1   1/1     Running   0          5m\ndata        db-node1    1/1     Running   0          5m\n';
  const second = 'default     web-node1   0/1     Succeeded   0          5m\n';
  const wrote = (out: string) => {
    if (out === header + first) runner.change({ pods: [ended, DB] });
    if (out.includes('Succeeded')) interruption.abort();
  };
  await withRunner(runner, async ({ runAt }) => {
    assert.deepEqual(await runAt({ interrupted: interruption.signal, wrote }, 'status', '-w'), {
      code: 130,
      out: header + first + second,
      err: '',
    });
  });
});

test('a watch ends with 125 when the runner goes away', async () => {
  await withRunner(fakeRunner({ pods: [WEB] }), async ({ runAt, stopServer, socketPath }) => {
    const stopped: Promise<void>[] = [];
    const wrote = () => void stopped.push(stopServer());
    const { code, err } = await runAt({ wrote }, 'get', 'pods', '-w', '-o', 'name');
    await Promise.all(stopped);
    assert.deepEqual([code, err], [125, `error: The runner at ${socketPath} has ended\n`]);
  });
});

test('-l, -q and -o jsonpath choose pods and print what a script wants', async () => {
  const labelled = { ...runningPod('web') };
  const pods = [
    { ...labelled, metadata: { ...labelled.metadata, labels: { app: 'a' } } },
    runningPod('db', { namespace: 'prod' }),
  ];
  await withRunner(fakeRunner({ pods }), async ({ run }) => {
    assert.equal((await run('status', '-q')).out, 'web-node1\nprod/db-node1\n');
    assert.equal((await run('get', 'pods', '-l', 'app=a', '-o', 'name')).out, 'pod/web-node1\n');
    assert.equal((await run('status', '-o', 'jsonpath={.items[*].status.podIP}')).out, '10.88.0.5 10.88.0.5');
    assert.equal((await run('status', 'db', '-n', 'prod', '-o', 'jsonpath={.metadata.name}')).out, 'db-node1');
    assert.equal((await run('status', '-o', 'jsonpath={.a')).code, 2);
    assert.equal((await run('status', '-o', 'xml')).code, 2);
    assert.equal((await run('status', '-l', 'a in b')).code, 2);
  });
});
