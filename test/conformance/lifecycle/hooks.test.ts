// Lifecycle handlers: HOOK and N-HOOK of the census. Requests go to servers of the test on this node, from which handlers
// are called; commands leave notes.
import assert from 'node:assert/strict';
import { createServer as createHttps } from 'node:https';
import { after, before, describe } from 'node:test';
import type { HTTPGetAction, Lifecycle, LifecycleHandler } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { FOREVER, type Given, isRunning, Lab, note, patient, sh, shell, sidecar, uptime } from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';
import { type Listener, listen } from '../../support/servers.ts';
import { selfSigned } from '../../unit/probe/selfSigned.ts';

describe('lifecycle handlers', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  let http: Listener;
  let https: Listener;
  before(async () => {
    [lab, http, https] = await Promise.all([
      Lab.open('hooks'),
      listen(),
      listen((handle) => createHttps(selfSigned(), handle)),
    ]);
  });
  after(async () => {
    await Promise.all([lab.close(), http[Symbol.asyncDispose](), https[Symbol.asyncDispose]()]);
  });

  /** An app container with handlers, and time to run them. */
  async function hooked(name: string, lifecycle: Lifecycle, grace = 15): Promise<void> {
    await lab.give(name, { containers: [{ ...patient('app'), lifecycle }], terminationGracePeriodSeconds: grace });
  }

  /** Removes a running pod. @returns how long it took to go, in seconds */
  async function removed(name: string): Promise<number> {
    await lab.until(name, (pod) => isRunning(pod));
    await lab.untilNoted(name, 'app start');
    await lab.take(name);
    return await lab.untilGone(name);
  }

  function request(server: Listener, path: string): LifecycleHandler & { readonly httpGet: HTTPGetAction } {
    const scheme = server === https ? 'HTTPS' : 'HTTP';
    return { httpGet: { host: '127.0.0.1', port: server.port, path, scheme } };
  }

  const asked = (server: Listener, path: string) =>
    eventually(
      async () => server.asked,
      (paths) => paths.includes(path),
      60_000,
    );

  row('HOOK-1', async () => {
    await hooked('hook-1', { postStart: sh(note('poststart')) });
    await lab.untilNoted('hook-1', 'poststart');
  });

  row('HOOK-2', async () => {
    await hooked('hook-2', { preStop: sh(note('prestop'), 'sleep 2', note('prestop done')) });
    await removed('hook-2');
    assert.deepEqual(await lab.story('hook-2'), ['app start', 'prestop', 'prestop done', 'app term', 'app exit']);
  });

  row('HOOK-3', async () => {
    await hooked('hook-3', { postStart: request(http, '/hook-3') });
    await asked(http, '/hook-3');
  });

  row('HOOK-4', async () => {
    await hooked('hook-4', { preStop: request(http, '/hook-4') });
    await removed('hook-4');
    await asked(http, '/hook-4');
  });

  row('N-HOOK-1', async () => {
    await hooked('n-hook-1', { postStart: request(https, '/n-hook-1') });
    await asked(https, '/n-hook-1');
  });

  row('N-HOOK-2', async () => {
    await hooked('n-hook-2', { preStop: request(https, '/n-hook-2') });
    await removed('n-hook-2');
    await asked(https, '/n-hook-2');
  });

  row('N-HOOK-3', async () => {
    const after = async (name: string, lifecycle: Lifecycle): Promise<void> => {
      const side = sidecar({ ...patient('side'), lifecycle });
      const containers = [patient('app')];
      await lab.give(name, { initContainers: [side], containers, terminationGracePeriodSeconds: 15 });
    };
    await after('n-hook-3-exec', {
      postStart: sh('sleep 2', note('poststart')),
      preStop: sh(note('prestop')),
    });
    await after('n-hook-3-http', { postStart: request(http, '/post-3'), preStop: request(http, '/pre-3') });
    await after('n-hook-3-https', { postStart: request(https, '/post-3'), preStop: request(https, '/pre-3') });
    const names = ['n-hook-3-exec', 'n-hook-3-http', 'n-hook-3-https'];
    await Promise.all(names.map((name) => removed(name)));
    for (const server of [http, https])
      assert.deepEqual(
        server.asked.filter((path) => path.endsWith('-3')).filter((path) => !path.includes('hook')),
        ['/post-3', '/pre-3'],
      );
    assert.ok((await lab.noted('n-hook-3-exec', 'poststart')) <= (await lab.noted('n-hook-3-exec', 'app start')));
    assert.ok((await lab.noted('n-hook-3-exec', 'prestop')) <= (await lab.noted('n-hook-3-exec', 'side term')));
  });

  row('N-HOOK-4', async () => {
    await hooked('n-hook-4', { preStop: { sleep: { seconds: 8 } } }, 60);
    await lab.until('n-hook-4', (pod) => isRunning(pod));
    const begun = await uptime();
    await removed('n-hook-4');
    const took = (await lab.noted('n-hook-4', 'app exit')) - begun;
    assert.ok(took >= 8, `took ${took} s`);
    assert.ok((await lab.story('n-hook-4')).includes('app term'), 'it was told, not killed');
  });

  row('N-HOOK-5', async () => {
    // A manifest may not ask for a longer sleep than its grace period: both shrink. The handler that runs is the old one.
    const pod = (seconds: number): Given => ({
      metadata: { uid: 'uid-of-n-hook-5' },
      containers: [{ ...patient('app'), lifecycle: { preStop: { sleep: { seconds } } } }],
      terminationGracePeriodSeconds: seconds,
    });
    await lab.give('n-hook-5', pod(1_000));
    await lab.untilNoted('n-hook-5', 'app start');
    await lab.until('n-hook-5', (p) => isRunning(p));
    await lab.take('n-hook-5');
    await lab.untilEvent('n-hook-5', (e) => e.reason === 'Killing');
    // The same pod, with less time to end.
    await lab.give('n-hook-5', pod(5));
    await lab.untilNoted('n-hook-5', 'app exit');
    await lab.take('n-hook-5');
    await lab.untilGone('n-hook-5');
  });

  row('N-HOOK-6', async () => {
    const app = shell('app', `trap 'exit 0' TERM`, note('app start'), `until [ -e /notes/end ]; do sleep 0.2; done`);
    const lifecycle = { preStop: { sleep: { seconds: 1_000 } } };
    const containers = [{ ...app, lifecycle }];
    await lab.give('n-hook-6', { containers, terminationGracePeriodSeconds: 1_200, restartPolicy: 'Never' });
    await lab.until('n-hook-6', (pod) => isRunning(pod));
    await lab.take('n-hook-6');
    await lab.untilEvent('n-hook-6', (e) => e.reason === 'Killing');
    await lab.signal('n-hook-6', 'end');
    await lab.untilGone('n-hook-6');
  });

  row('N-HOOK-7', async () => {
    await hooked('n-hook-7', { preStop: { sleep: { seconds: 0 } } }, 20);
    await removed('n-hook-7');
    assert.ok((await lab.story('n-hook-7')).includes('app exit'));
  });

  row('N-HOOK-8', async () => {
    const app = shell('app', `trap '${note('got USR1')}; exit 0' USR1`, `trap '' TERM`, note('app start'), FOREVER);
    const containers = [{ ...app, lifecycle: { stopSignal: 'SIGUSR1' } }];
    await lab.give('n-hook-8', { os: { name: 'linux' }, containers, terminationGracePeriodSeconds: 10 });
    await removed('n-hook-8');
    const { runtime } = (await lab.place.snapshot()).node;
    const [major = 0, minor = 0] = (/\d+\.\d+/.exec(runtime)?.[0] ?? '').split('.').map(Number);
    if (major < 2 || (major === 2 && minor < 2)) return { skipped: `${runtime} knows no stop signal of a container` };
    assert.deepEqual(await lab.story('n-hook-8'), ['app start', 'got USR1']);
    return undefined;
  });
});
