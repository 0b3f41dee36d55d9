// What the adapter does when the runtime fails in ways that a healthy one cannot be made to: told by the fake.
import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status as Code } from '@grpc/grpc-js';
import type { FaultKind } from '../../../src/api/fault.ts';
import type { ObservedSandbox } from '../../../src/api/observed.ts';
import { openChannel } from '../../../src/cri/channel.ts';
import { type ContainerRuntime, createRuntime } from '../../../src/cri/runtime.ts';
import type { Result } from '../../../src/lib/result.ts';
import { must, NOTHING_MOUNTED, someNode, startContainerOf } from '../../support/criStories.ts';
import { type Failure, FakeCri } from '../../support/fakeCri/server.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const LOST: Failure = { code: Code.UNAVAILABLE, details: 'Connection dropped', mode: 'lose' };
const container = aContainer('app', { command: ['sleep', '1000'] });
const pod = aPod({ spec: { containers: [container] } });

let directory: string;
let fake: FakeCri;
let runtime: ContainerRuntime;
let signal: AbortSignal;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'solopod-trouble-'));
  fake = new FakeCri(join(directory, 'cri.sock'));
  fake.state.addImage({ id: 'sha256:busybox', name: 'localhost/busybox:1', size: 1 });
  await fake.start();
  const node = someNode({ rootDir: directory, podLogsDir: join(directory, 'logs') });
  runtime = createRuntime({ endpoint: fake.endpoint, node, owner: directory });
  signal = AbortSignal.timeout(20_000);
});

afterEach(() => {
  runtime.close();
  fake.kill();
  rmSync(directory, { recursive: true, force: true });
});

const runSandbox = (attempt = 0): Promise<Result<ObservedSandbox, unknown>> =>
  runtime.runSandbox({ pod, attempt, cgroupParent: '' }, signal);

function kindOf(result: Result<unknown, { readonly kind: FaultKind }>): FaultKind | 'ok' {
  return result.ok ? 'ok' : result.error.kind;
}

describe('a sandbox whose call got no answer', () => {
  it('is taken over when it is ready', async () => {
    fake.failNext('RunPodSandbox', LOST);
    const { state, attempt } = must(await runSandbox());
    assert.deepEqual([state, attempt, fake.state.sandboxes.size], ['ready', 0, 1]);
  });

  it('is taken over when the name is held by it', async () => {
    const first = must(await runSandbox());
    assert.equal(must(await runSandbox()).id, first.id);
  });

  it('is cleared away when it is not ready, and the failure stands', async () => {
    const { id } = must(await runSandbox());
    fake.state.stopSandbox(id);
    const again = await runSandbox();
    assert.equal(again.ok, false);
    assert.equal(fake.state.sandboxes.size, 0);
    assert.equal((await runSandbox()).ok, true);
  });

  it('is left alone when it is of another attempt or another runner', async () => {
    must(await runSandbox(0));
    const other = createRuntime({ endpoint: fake.endpoint, node: someNode(), owner: '/other' });
    const foreign = must(await other.runSandbox({ pod, attempt: 1, cgroupParent: '' }, signal));
    other.close();
    assert.equal((await runSandbox(1)).ok, false);
    assert.deepEqual([fake.state.sandboxes.size, fake.state.sandboxes.has(foreign.id)], [2, true]);
  });
});

describe('a container whose call got no answer', () => {
  it('is not removed when it has run', async () => {
    const sandbox = must(await runSandbox());
    const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    const image = must(await runtime.inspect(container.image, signal));
    assert.ok(image);
    const files = { terminationLog: '/dev/null' };
    const request = { pod, container, sandbox, attempt: 0, image, cgroupParent: '', ...NOTHING_MOUNTED, files };
    assert.equal(kindOf(await runtime.createContainer(request, signal)), 'refused');
    assert.equal(must(await runtime.inspectContainer(id, signal)).state, 'running');
  });
});

describe('a look at the runtime', () => {
  const statusCalls = (): number => fake.calls.filter((name) => name.endsWith('Status')).length;

  it('asks for the details of an object once per state', async () => {
    const sandbox = must(await runSandbox());
    const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    const first = must(await runtime.observe({}, signal));
    const asked = statusCalls();
    assert.deepEqual(must(await runtime.observe({}, signal)), first);
    assert.equal(statusCalls(), asked);
    must(await runtime.stopContainer(id, 0, signal));
    assert.equal(must(await runtime.observe({}, signal)).containers[0]?.exitCode, 137);
    assert.equal(statusCalls(), asked + 1);
  });

  it('leaves out what vanishes meanwhile', async () => {
    const sandbox = must(await runSandbox());
    await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    fake.failNext('ContainerStatus', { code: Code.NOT_FOUND, details: 'not found', mode: 'refuse' });
    assert.deepEqual(must(await runtime.observe({}, signal)).containers, []);
  });

  it('shows what the list says of an object whose details are refused, or it would be made twice', async () => {
    const sandbox = must(await runSandbox());
    const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    fake.failNext('ContainerStatus', { code: Code.UNKNOWN, details: 'broken', mode: 'refuse' });
    const seen = must(await runtime.observe({}, signal)).containers;
    assert.deepEqual(
      seen.map((one) => [one.id, one.state, one.startedAt]),
      [[id, 'running', undefined]],
    );
    const later = must(await runtime.observe({}, signal)).containers;
    assert.equal(typeof later[0]?.startedAt, 'number');
  });

  it('fails as a whole when the runtime goes away under it', async () => {
    const sandbox = must(await runSandbox());
    await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    fake.failNext('ContainerStatus', LOST);
    assert.equal(kindOf(await runtime.observe({}, signal)), 'unknownOutcome');
  });
});

describe('the connection', () => {
  it('is unavailable while there is no runtime, and comes back by itself', async () => {
    fake.kill();
    while (kindOf(await runtime.version(signal)) !== 'unavailable') signal.throwIfAborted();
    await fake.start();
    while (kindOf(await runtime.version(signal)) !== 'ok') signal.throwIfAborted();
  });

  it('gives up a call with its signal', async () => {
    fake.failNext('Version', { code: 0, details: '', mode: 'hang' });
    assert.equal(kindOf(await runtime.version(AbortSignal.timeout(50))), 'cancelled');
    assert.equal(kindOf(await runtime.version(AbortSignal.abort())), 'cancelled');
  });

  it('does not know what became of a call that missed its deadline', async () => {
    const channel = openChannel(fake.endpoint);
    fake.failNext('StartContainer', { code: 0, details: '', mode: 'hang' });
    const sandbox = must(await runSandbox());
    const image = must(await runtime.inspect(container.image, signal));
    assert.ok(image);
    const files = { terminationLog: '/dev/null' };
    const request = { pod, container, sandbox, attempt: 0, image, cgroupParent: '', ...NOTHING_MOUNTED, files };
    const containerId = must(await runtime.createContainer(request, signal));
    const options = { reason: 'RunContainerError', signal, deadlineMs: 100 };
    const answer = await channel.unary('RuntimeService/StartContainer', { containerId }, options);
    channel.close();
    assert.deepEqual([kindOf(answer), !answer.ok && answer.error.reason], ['unknownOutcome', 'RunContainerError']);
    assert.equal(must(await runtime.inspectContainer(containerId, signal)).state, 'running');
  });

  it('fails calls after it was closed', async () => {
    runtime.close();
    assert.equal(kindOf(await runtime.version(signal)), 'unavailable');
  });
});

describe('watching', () => {
  function watch(): { readonly changes: EventEmitter; readonly watching: Promise<boolean>; readonly stop: () => void } {
    const end = new AbortController();
    const changes = new EventEmitter();
    const watching = runtime.watch((podUid) => changes.emit('change', podUid), AbortSignal.any([end.signal, signal]));
    return { changes, watching, stop: () => end.abort() };
  }

  async function until(changes: EventEmitter, wanted: string | undefined): Promise<void> {
    for await (const [podUid] of on(changes, 'change', { signal })) if (podUid === wanted) return;
  }

  for (const events of ['cri', 'containerd'] as const) {
    it(`hears of an exit by ${events} events, and again after the runtime has died and come back`, async () => {
      fake.events = events;
      const { changes, watching, stop } = watch();
      await until(changes, undefined);
      for (const attempt of [0, 1]) {
        const sandbox = must(await runSandbox(attempt));
        const heard = until(changes, pod.uid);
        const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
        must(await runtime.stopContainer(id, 0, signal));
        await heard;
        const asked = until(changes, undefined);
        fake.kill();
        await fake.start();
        await asked;
      }
      stop();
      assert.equal(await watching, true);
    });

    it(`does not pass on what happens to another runner's pods by ${events} events`, async () => {
      fake.events = events;
      const other = createRuntime({ endpoint: fake.endpoint, node: someNode(), owner: '/other' });
      const { changes, stop } = watch();
      await until(changes, undefined);
      const heard: unknown[] = [];
      changes.on('change', (podUid) => heard.push(podUid));
      const foreignPod = aPod({ name: 'foreign', spec: { containers: [container] } });
      const foreign = must(await other.runSandbox({ pod: foreignPod, attempt: 0, cgroupParent: '' }, signal));
      const foreignId = await startContainerOf(
        other,
        { pod: foreignPod, container, sandbox: foreign, directory },
        signal,
      );
      must(await other.stopContainer(foreignId, 0, signal));
      other.close();

      const sandbox = must(await runSandbox());
      const own = until(changes, pod.uid);
      const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
      must(await runtime.stopContainer(id, 0, signal));
      await own;
      stop();
      assert.ok(!heard.includes(foreignPod.uid), JSON.stringify(heard));
    });
  }

  it('gives up on a runtime that keeps refusing', async () => {
    fake.events = 'refused';
    assert.equal(await watch().watching, false);
  });

  it('says at once when the runtime serves no events', async () => {
    fake.events = 'none';
    assert.equal(await watch().watching, false);
  });
});
