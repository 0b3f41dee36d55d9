// The life of containers and what status tells of it: INIT, KUBELET, PODS and N-OOM of the census.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import type { Container, Pod } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { FOREVER, isRunning, isTrue, Lab, note, patient, restartsOf, shell, statusOf } from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

const YES: Omit<Container, 'name'> = { command: ['/bin/true'] };
const NO: Omit<Container, 'name'> = { command: ['/bin/false'] };

describe('the life of containers', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('containers');
  });
  after(() => lab.close());

  row('INIT-1', async () => {
    const initContainers = [
      { ...YES, name: 'init1' },
      { ...YES, name: 'init2' },
    ];
    await lab.give('init-1', { restartPolicy: 'Never', initContainers, containers: [{ ...YES, name: 'run1' }] });
    const pod = await lab.until('init-1', (p) => p.status?.phase === 'Succeeded');
    assert.ok(isTrue(pod, 'Initialized'));
    assertDone(pod, 'init1', 'init2');
    assertInitInvariant('init-1', 'run1');
  });

  row('INIT-2', async () => {
    const initContainers = [
      { ...YES, name: 'init1' },
      { ...YES, name: 'init2' },
    ];
    const run1 = { ...patient('run1'), resources: { limits: { cpu: '100m' } } };
    await lab.give('init-2', { initContainers, containers: [run1] });
    const pod = await lab.until('init-2', (p) => p.status?.phase === 'Running');
    assert.ok(isTrue(pod, 'Initialized'));
    assertDone(pod, 'init1', 'init2');
    assertInitInvariant('init-2', 'run1');
  });

  row('INIT-3', async () => {
    const initContainers = [
      { ...NO, name: 'init1' },
      { ...YES, name: 'init2' },
    ];
    await lab.give('init-3', { initContainers, containers: [patient('run1')] });
    await lab.until('init-3', (p) => restartsOf(p, 'init1') >= 3);
    const pod = lab.pod('init-3') ?? {};
    assert.equal(pod.status?.phase, 'Pending');
    for (const name of ['init2', 'run1'])
      assert.equal(statusOf(pod, name)?.state?.waiting?.reason, 'PodInitializing', name);
    const initialized = pod.status?.conditions?.find((c) => c.type === 'Initialized');
    assert.equal(initialized?.reason, 'ContainersNotInitialized');
    assert.equal(initialized?.message, 'containers with incomplete status: [init1 init2]');
    assertInitInvariant('init-3', 'run1');
  });

  row('INIT-4', async () => {
    const initContainers = [
      { ...YES, name: 'init1' },
      { ...NO, name: 'init2' },
    ];
    await lab.give('init-4', { restartPolicy: 'Never', initContainers, containers: [{ ...YES, name: 'run1' }] });
    const pod = await lab.until('init-4', (p) => p.status?.phase === 'Failed');
    assertDone(pod, 'init1');
    assert.equal(statusOf(pod, 'init2')?.state?.terminated?.exitCode, 1);
    assert.ok(statusOf(pod, 'run1')?.state?.waiting !== undefined);
    const initialized = pod.status?.conditions?.find((c) => c.type === 'Initialized');
    assert.equal(initialized?.message, 'containers with incomplete status: [init2]');
    assertInitInvariant('init-4', 'run1');
  });

  row('KUBELET-1', async () => {
    await lab.give('kubelet-1', { restartPolicy: 'Never', containers: [shell('app', 'echo Hello World; sleep 240')] });
    await untilLogged('kubelet-1', 'Hello World\n');
  });

  row('KUBELET-2', async () => {
    await lab.give('kubelet-2', { restartPolicy: 'Never', containers: [{ ...NO, name: 'app' }] });
    const pod = await lab.until('kubelet-2', (p) => statusOf(p, 'app')?.state?.terminated !== undefined);
    const { exitCode, reason } = statusOf(pod, 'app')?.state?.terminated ?? {};
    assert.deepEqual([exitCode, reason], [1, 'Error']);
  });

  row('KUBELET-3', async () => {
    await lab.give('kubelet-3', { containers: [{ ...NO, name: 'app' }] });
    await lab.until('kubelet-3', (p) => restartsOf(p) >= 1);
    await lab.take('kubelet-3');
    await lab.untilGone('kubelet-3');
  });

  row('KUBELET-4', async () => {
    const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
    await lab.give('kubelet-4', { hostAliases, containers: [shell('app', 'cat /etc/hosts', FOREVER)] });
    await lab.until('kubelet-4', (p) => isRunning(p));
    await eventually(
      () => logOf('kubelet-4'),
      (log) => log.includes('123.45.67.89\tfoo\tbar\n'),
    );
  });

  row('KUBELET-5', async () => {
    const app = { ...shell('app', 'echo test > /file; sleep 240'), securityContext: { readOnlyRootFilesystem: true } };
    await lab.give('kubelet-5', { restartPolicy: 'Never', containers: [app] });
    await untilLogged('kubelet-5', "sh: can't create /file: Read-only file system\n");
  });

  row('PODS-1', async () => {
    await lab.give('pods-1', { containers: [patient('app')] });
    const pod = await lab.until('pods-1', (p) => isRunning(p));
    assert.match(pod.status?.hostIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
  });

  row('PODS-2', async () => {
    await lab.give('pods-2', { terminationGracePeriodSeconds: 30, containers: [patient('app', 3)] });
    await lab.until('pods-2', (p) => isRunning(p));
    await lab.take('pods-2');
    await lab.untilGone('pods-2');
    const last = lab.looks('pods-2').findLast(({ pod }) => pod !== undefined)?.pod?.metadata;
    assert.ok(last?.deletionTimestamp !== undefined);
    assert.equal(last?.deletionGracePeriodSeconds, 30);
  });

  row('PODS-3', async () => {
    await lab.give('pods-3', { metadata: { labels: { time: 'one' } }, containers: [patient('app')] });
    await lab.until('pods-3', (p) => isRunning(p));
    await lab.give('pods-3', { metadata: { labels: { time: 'two' } }, containers: [patient('app')] });
    await lab.until('pods-3', (p) => isRunning(p) && p.metadata?.labels?.['time'] === 'two');
    const listed = (await lab.place.pods()).filter((p) => p.metadata?.name === 'pods-3-node');
    assert.deepEqual(
      listed.map((p) => p.metadata?.labels?.['time']),
      ['two'],
    );
  });

  row('PODS-4', async () => {
    await lab.give('pods-4', { containers: [patient('app')] });
    await lab.until('pods-4', (p) => isRunning(p));
    await lab.give('pods-4', { activeDeadlineSeconds: 4, containers: [patient('app')] });
    await lab.give('pods-4-new', { activeDeadlineSeconds: 4, containers: [patient('app')] });
    for (const name of ['pods-4', 'pods-4-new']) {
      const pod = await lab.until(name, (p) => p.status?.phase === 'Failed');
      assert.equal(pod.status?.reason, 'DeadlineExceeded');
      assert.equal(pod.status?.message, 'Pod was active on the node longer than the specified deadline');
    }
  });

  row('PODS-7', async () => {
    await lab.give('pods-7', { containers: [shell('app', 'echo container is alive', FOREVER)] });
    await untilLogged('pods-7', 'container is alive\n');
  });

  row('PODS-8', async () => {
    const crashing = (more: string) => ({ containers: [shell('app', note('start'), `sleep 1; exit 1 ${more}`)] });
    await lab.give('pods-8', crashing(''));
    await lab.until('pods-8', (p) => statusOf(p, 'app')?.state?.waiting?.message?.startsWith('back-off 4s') === true);
    await lab.give('pods-8', crashing('# a new version'));
    const isNew = (p: Pod): boolean => JSON.stringify(p.spec).includes('a new version');
    await lab.until('pods-8', (p) => isNew(p) && statusOf(p, 'app')?.state?.waiting?.reason === 'CrashLoopBackOff');
    const messages = lab.looks('pods-8').flatMap(({ pod }) => {
      return pod !== undefined && isNew(pod) ? (statusOf(pod, 'app')?.state?.waiting?.message ?? []) : [];
    });
    // The wait of 1 s is soon over: a slow observer first sees the next one.
    assert.match(messages[0] ?? '', /^back-off [12]s restarting failed container=app pod=pods-8-node_default\(/);
  });

  row('PODS-9', async () => {
    await lab.give('pods-9', { containers: [shell('app', note('start'), 'exit 1')] });
    await lab.until('pods-9', (p) => restartsOf(p) >= 6);
    const starts = (await lab.notes('pods-9')).map(({ at }) => at);
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    const [, second = 0, third = 0, fourth = 0, fifth = 0] = gaps;
    assert.ok(second >= 1 && third >= 2 && fourth >= 4 && fifth >= 4, `gaps: ${gaps}`);
    // How long it is held back is what the status says: the gaps above are longer on a slow machine.
    const waits = lab.looks('pods-9').flatMap(({ pod }) => {
      const { restartCount = 0, state } = statusOf(pod ?? {}, 'app') ?? {};
      const wait = /^back-off ([0-9]+)s /.exec(state?.waiting?.message ?? '')?.[1];
      return wait === undefined ? [] : [{ restartCount, seconds: Number(wait) }];
    });
    const wrong = waits.filter(({ restartCount, seconds }) => seconds !== ([0, 1, 2][restartCount] ?? 4));
    assert.deepEqual(wrong, []);
    assert.ok(
      waits.some(({ restartCount }) => restartCount >= 4),
      JSON.stringify(waits),
    );
  });

  row('N-OOM-1', async () => {
    await lab.give('n-oom-1', { restartPolicy: 'Never', containers: [greedy('app')] });
    const pod = await lab.until('n-oom-1', (p) => statusOf(p, 'app')?.state?.terminated !== undefined);
    assertOomKilled(pod, 'app');
  });

  row('N-OOM-2', async () => {
    await lab.give('n-oom-2', {
      restartPolicy: 'Never',
      initContainers: [greedy('init')],
      containers: [patient('app')],
    });
    const pod = await lab.until('n-oom-2', (p) => p.status?.phase === 'Failed');
    assertOomKilled(pod, 'init');
  });

  row('N-OOM-3', async () => {
    if (!existsSync('/sys/fs/cgroup/cgroup.controllers'))
      return { skipped: 'this machine has cgroups v1, which cannot end a whole group' };
    const script = `dd if=/dev/zero of=/dev/null bs=30M & sleep 1000`;
    const limits = { memory: '15Mi' };
    await lab.give('n-oom-3', {
      restartPolicy: 'Never',
      containers: [{ ...shell('app', script), resources: { limits } }],
    });
    const pod = await lab.until('n-oom-3', (p) => statusOf(p, 'app')?.state?.terminated !== undefined);
    assertOomKilled(pod, 'app');
    return undefined;
  });

  async function logOf(name: string): Promise<string> {
    const log = await lab.place.log(lab.pod(name) ?? {}, 'app').catch(() => '');
    return log.replace(/^\S+ \S+ \S+ /gm, '');
  }

  async function untilLogged(name: string, text: string): Promise<void> {
    await lab.until(name, (p) => isRunning(p));
    assert.equal(
      await eventually(
        () => logOf(name),
        (log) => log.length >= text.length,
      ),
      text,
    );
  }

  /** While inits are ahead, app containers wait; and what is initialised stays so. */
  function assertInitInvariant(name: string, app: string): void {
    let wasInitialized = false;
    for (const { pod } of lab.looks(name)) {
      if (pod?.status?.conditions === undefined) continue;
      const initialized = isTrue(pod, 'Initialized');
      assert.ok(initialized || !wasInitialized, 'Initialized does not go back');
      wasInitialized = initialized;
      if (initialized) continue;
      const status = statusOf(pod, app);
      assert.deepEqual([status?.state, status?.restartCount], [{ waiting: { reason: 'PodInitializing' } }, 0]);
    }
  }
});

/** Wants more memory than it may have, once the runtime has begun to watch for that. */
function greedy(name: string): Container {
  const limits = { memory: '15Mi' };
  return { ...shell(name, 'sleep 1; dd if=/dev/zero of=/dev/null bs=30M'), resources: { limits } };
}

function assertOomKilled(pod: Pod, container: string): void {
  const { exitCode, reason } = statusOf(pod, container)?.state?.terminated ?? {};
  assert.deepEqual([exitCode, reason], [137, 'OOMKilled']);
}

function assertDone(pod: Pod, ...containers: readonly string[]): void {
  for (const name of containers) {
    const status = statusOf(pod, name);
    assert.deepEqual([status?.ready, status?.state?.terminated?.exitCode], [true, 0], name);
  }
}
