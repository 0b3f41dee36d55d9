// One suite for every runtime behind the adapter: the fake is honest where it passes the same cases as containerd.
import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredContainer, DesiredPod } from '../../src/api/desiredPod.ts';
import type { NodeFacts } from '../../src/api/node.ts';
import type { Observation, ObservedContainer, ObservedSandbox } from '../../src/api/observed.ts';
import { type ContainerRuntime, createRuntime } from '../../src/cri/runtime.ts';
import { makeLogDirectories, must, NOTHING_MOUNTED, someNode, startContainerOf } from './criStories.ts';
import { aContainer, aPod } from './pods.ts';

/** Longest wait for something that a runtime does by itself. */
const PATIENCE_MS = 15_000;

export function runtimeContract(endpoint: () => string): void {
  const signal = AbortSignal.timeout(240_000);
  let directory = '';
  let node: NodeFacts;
  let runtime: ContainerRuntime;
  let pods = 0;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'solopod-cri-'));
    node = someNode({ rootDir: directory, podLogsDir: join(directory, 'logs') });
    runtime = createRuntime({ endpoint: endpoint(), node, owner: directory });
  });

  after(() => {
    runtime.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A pod with one sandbox; its containers are made by the test. */
  async function runPod(
    more: Partial<DesiredContainer> = {},
  ): Promise<{ pod: DesiredPod; container: DesiredContainer; sandbox: ObservedSandbox }> {
    pods += 1;
    const container = aContainer('app', { command: ['sleep', '1000'], ...more });
    const pod = aPod({ name: `story-${pods}`, uid: `story-${pods}-${process.pid}`, spec: { containers: [container] } });
    makeLogDirectories(pod, node);
    const sandbox = must(await runtime.runSandbox({ pod, attempt: 0, cgroupParent: '' }, signal));
    return { pod, container, sandbox };
  }

  async function look(pod: DesiredPod): Promise<Observation> {
    return must(await runtime.observe({ podUid: pod.uid }, signal));
  }

  async function exited(pod: DesiredPod): Promise<ObservedContainer> {
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(20)) {
      const container = (await look(pod)).containers.find(({ state }) => state === 'exited');
      if (container !== undefined) return container;
    }
    throw new Error(`No container of ${pod.key} ended within ${PATIENCE_MS} ms`);
  }

  async function remove({ id }: ObservedSandbox): Promise<void> {
    must(await runtime.stopSandbox(id, signal));
    must(await runtime.removeSandbox(id, signal));
  }

  it('says its name and that it is ready', async () => {
    const { name, version } = must(await runtime.version(signal));
    assert.notEqual(name, '');
    assert.match(version, /^v?\d+\.\d+/);
    const status = must(await runtime.status(signal));
    assert.deepEqual([status.runtime.ok, status.network.ok], [true, true]);
  });

  it('runs, shows, stops and removes a sandbox, and stopping or removing once more is no error', async () => {
    const { pod, sandbox } = await runPod();
    assert.deepEqual(
      { ...sandbox, id: '', ips: sandbox.ips.length, createdAt: sandbox.createdAt > Date.now() - 60_000 },
      {
        id: '',
        podUid: pod.uid,
        name: pod.metadata.name,
        namespace: 'default',
        attempt: 0,
        state: 'ready',
        createdAt: true,
        ips: 1,
        network: 'pod',
        labels: {
          'io.kubernetes.pod.name': pod.metadata.name,
          'io.kubernetes.pod.namespace': 'default',
          'io.kubernetes.pod.uid': pod.uid,
        },
        annotations: { 'solopod.dev/root-dir': directory, 'solopod.dev/hash': pod.hash },
      },
    );
    assert.deepEqual((await look(pod)).sandboxes, [sandbox]);
    must(await runtime.stopSandbox(sandbox.id, signal));
    assert.deepEqual(
      (await look(pod)).sandboxes.map(({ state }) => state),
      ['notReady'],
    );
    must(await runtime.stopSandbox(sandbox.id, signal));
    must(await runtime.removeSandbox(sandbox.id, signal));
    must(await runtime.removeSandbox(sandbox.id, signal));
    must(await runtime.stopSandbox(sandbox.id, signal));
    assert.deepEqual(await look(pod), { podUid: pod.uid, sandboxes: [], containers: [] });
  });

  it('shows a container as created, running and exited, and removes it', async () => {
    const { pod, container, sandbox } = await runPod();
    const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    const running = must(await runtime.inspectContainer(id, signal));
    assert.deepEqual(
      [running.state, running.name, running.attempt, running.podUid, running.sandboxId, running.exitCode],
      ['running', 'app', 0, pod.uid, sandbox.id, undefined],
    );
    assert.ok((running.startedAt ?? 0) >= running.createdAt);
    assert.equal(running.logPath, join(node.podLogsDir, `default_${pod.metadata.name}_${pod.uid}`, 'app', '0.log'));
    assert.deepEqual((await look(pod)).containers, [running]);

    must(await runtime.stopContainer(id, 0, signal));
    const { state, exitCode, finishedAt = 0, startedAt = 0 } = must(await runtime.inspectContainer(id, signal));
    assert.deepEqual([state, exitCode], ['exited', 137]);
    assert.ok(finishedAt >= startedAt);
    must(await runtime.stopContainer(id, 5, signal));
    must(await runtime.removeContainer(id, signal));
    must(await runtime.removeContainer(id, signal));
    must(await runtime.stopContainer(id, 5, signal));
    const gone = await runtime.inspectContainer(id, signal);
    assert.equal(!gone.ok && gone.error.kind, 'notFound');
    await remove(sandbox);
  });

  it('reports exit code, reason and the termination message of a container that ended by itself', async () => {
    const { pod, container, sandbox } = await runPod({
      command: ['sh', '-c', 'echo because > /dev/termination-log; exit 3'],
    });
    await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    const { exitCode, reason, message } = await exited(pod);
    assert.deepEqual({ exitCode, reason, message }, { exitCode: 3, reason: 'Error', message: 'because\n' });
    await remove(sandbox);
  });

  it('takes the end of the log for the termination message when asked to and the container failed', async () => {
    const { pod, container, sandbox } = await runPod({
      command: ['sh', '-c', 'echo one; echo two; exit 1'],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    });
    await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    assert.equal((await exited(pod)).message, 'one\ntwo\n');
    await remove(sandbox);
  });

  it('says why a command cannot be started, and keeps the container as exited', async () => {
    const { pod, container, sandbox } = await runPod({ command: ['/no/such/command'] });
    const image = must(await runtime.inspect(container.image, signal));
    assert.ok(image);
    const files = { terminationLog: '/dev/null' };
    const request = { pod, container, sandbox, attempt: 0, image, cgroupParent: '', ...NOTHING_MOUNTED, files };
    const id = must(await runtime.createContainer(request, signal));
    const started = await runtime.startContainer(id, signal);
    assert.ok(!started.ok);
    assert.deepEqual([started.error.kind, started.error.reason], ['refused', 'RunContainerError']);
    assert.match(started.error.message, /no such file|not found/);
    const { state, exitCode, reason } = must(await runtime.inspectContainer(id, signal));
    assert.deepEqual([state, exitCode, reason], ['exited', 128, 'StartError']);
    await remove(sandbox);
  });

  it('runs a command in a container and gives its output and exit code', async () => {
    const { pod, container, sandbox } = await runPod();
    const id = await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    const result = must(await runtime.execSync(id, ['sh', '-c', 'echo hello; exit 4'], 10, signal));
    assert.deepEqual(
      { exitCode: result.exitCode, stdout: Buffer.from(result.stdout).toString(), stderr: result.stderr.length },
      { exitCode: 4, stdout: 'hello\n', stderr: 0 },
    );
    await remove(sandbox);
  });

  it('clears a leftover that holds the name of a new container, so that the next attempt succeeds', async () => {
    const { pod, container, sandbox } = await runPod();
    const image = must(await runtime.inspect(container.image, signal));
    assert.ok(image);
    const files = { terminationLog: '/dev/null' };
    const request = { pod, container, sandbox, attempt: 0, image, cgroupParent: '', ...NOTHING_MOUNTED, files };
    const leftover = must(await runtime.createContainer(request, signal));
    const second = await runtime.createContainer(request, signal);
    assert.equal(!second.ok && second.error.reason, 'CreateContainerError');
    const third = must(await runtime.createContainer(request, signal));
    assert.notEqual(third, leftover);
    assert.deepEqual(
      (await look(pod)).containers.map(({ id }) => id),
      [third],
    );
    await remove(sandbox);
  });

  it('does not see what another runner made', async () => {
    const { pod, sandbox } = await runPod();
    const other = createRuntime({ endpoint: endpoint(), node, owner: '/somewhere/else' });
    const seen = must(await other.observe({}, signal));
    other.close();
    assert.deepEqual(seen, { sandboxes: [], containers: [] });
    assert.ok(must(await runtime.observe({}, signal)).sandboxes.some(({ podUid }) => podUid === pod.uid));
    await remove(sandbox);
  });

  it('does not find an image that is not there, and says why it cannot be pulled', async () => {
    assert.equal(must(await runtime.inspect('localhost/no-such-image:1', signal)), undefined);
    const pulled = await runtime.pull({ image: 'localhost/no-such-image:1', pod: aPod(), credentials: [] }, signal);
    assert.equal(!pulled.ok && pulled.error.reason, 'ErrImagePull');
  });

  it('announces the end of a container when a look shows it as exited', async (t) => {
    const { pod, container, sandbox } = await runPod({ command: ['sh', '-c', 'exit 0'] });
    const stop = new AbortController();
    t.after(() => stop.abort());
    const changes = new EventEmitter();
    const watching = runtime.watch((podUid) => changes.emit('change', podUid), stop.signal);
    // A new subscription asks for a look at everything; some runtimes first tell what happened to earlier pods.
    for await (const [podUid] of on(changes, 'change', { signal })) if (podUid === undefined) break;

    const announced = on(changes, 'change', { signal });
    await startContainerOf(runtime, { pod, container, sandbox, directory }, signal);
    for await (const [podUid] of announced) {
      if (podUid === pod.uid && (await look(pod)).containers[0]?.state === 'exited') break;
    }
    stop.abort();
    assert.equal(await watching, true);
    await remove(sandbox);
  });
}
