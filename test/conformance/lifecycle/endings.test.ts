// How pods and their containers end: the rows of N-LIFE about grace periods, preStop handlers and the order of sidecars.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Container, Pod, Probe } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import {
  brief,
  FOREVER,
  type Given,
  isRunning,
  isTrue,
  Lab,
  note,
  patient,
  restartsOf,
  sh,
  shell,
  sidecar,
  statusOf,
  stubborn,
} from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

describe('the end of pods', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('endings');
  });
  after(() => lab.close());

  /** Gives a pod, waits until a container runs, takes the pod away. @returns how long it took to go, in seconds */
  async function removed(name: string, pod: Given, container = 'app'): Promise<number> {
    await lab.give(name, pod);
    await lab.until(name, (p) => isRunning(p, container));
    await lab.untilNoted(name, `${container} start`);
    await lab.take(name);
    return lab.untilGone(name);
  }

  /** How each container was last seen to end: "0 Completed". */
  function ends(name: string): { readonly [container: string]: string } {
    const all: { [container: string]: string } = {};
    for (const { pod } of lab.looks(name)) {
      for (const s of [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])]) {
        const end = s.state?.terminated;
        if (end !== undefined) all[s.name] = `${end.exitCode} ${end.reason}`;
      }
    }
    return all;
  }

  row('N-LIFE-12', async () => {
    const took = await removed('n-life-12', { terminationGracePeriodSeconds: 6, containers: [stubborn('app')] });
    assert.ok(took >= 5.5, `took ${took} s`);
    assert.deepEqual(ends('n-life-12'), { app: '137 Error' });
  });

  row('N-LIFE-13', async () => {
    const lifecycle = { preStop: sh('sleep 10000') };
    const containers = [{ ...stubborn('app'), lifecycle }];
    const took = await removed('n-life-13', { terminationGracePeriodSeconds: 6, containers });
    assert.ok(took >= 7.5, `took ${took} s`);
  });

  for (const [id, type] of [
    ['N-LIFE-14', 'startupProbe'],
    ['N-LIFE-15', 'livenessProbe'],
  ] as const) {
    row(id, async () => {
      const name = id.toLowerCase();
      const probe: Probe = { ...sh('exit 1'), periodSeconds: 1, failureThreshold: 1, initialDelaySeconds: 1 };
      const lifecycle = { preStop: sh(note('prestop')) };
      await lab.give(name, { containers: [{ ...patient('app'), [type]: probe, lifecycle }] });
      await lab.until(name, (pod) => restartsOf(pod) >= 1);
      assert.deepEqual((await lab.story(name)).slice(0, 4), ['app start', 'prestop', 'app term', 'app exit']);
    });
  }

  row('N-LIFE-16', async () => {
    const readinessProbe = { ...sh('test ! -e /tmp/ending'), periodSeconds: 1, failureThreshold: 1 };
    const seen = 'until [ -e /notes/seen ]; do sleep 0.2; done';
    const lifecycle = { preStop: sh('sleep 3; touch /tmp/ending', seen) };
    const containers = [{ ...patient('app'), readinessProbe, lifecycle }];
    await lab.give('n-life-16', { terminationGracePeriodSeconds: 120, containers });
    await lab.until('n-life-16', (pod) => isTrue(pod, 'Ready'));
    await lab.take('n-life-16');
    await lab.until('n-life-16', (pod) => isRunning(pod) && !isTrue(pod, 'Ready'));
    await lab.signal('n-life-16', 'seen');
    await lab.untilGone('n-life-16');
    const ending = lab
      .looks('n-life-16')
      .filter(({ pod }) => pod?.metadata?.deletionTimestamp !== undefined && isRunning(pod));
    assert.deepEqual([...new Set(ending.map(({ pod }) => pod !== undefined && isTrue(pod, 'Ready')))], [true, false]);
  });

  row('N-LIFE-17', async () => {
    const livenessProbe = { ...sh('test ! -e /tmp/ending'), periodSeconds: 1, failureThreshold: 1 };
    const lifecycle = { preStop: sh(note('prestop'), 'touch /tmp/ending; sleep 6', note('prestop done')) };
    const containers = [{ ...patient('app'), livenessProbe, lifecycle }];
    await removed('n-life-17', { terminationGracePeriodSeconds: 30, containers });
    assert.deepEqual(await lab.story('n-life-17'), ['app start', 'prestop', 'prestop done', 'app term', 'app exit']);
    assert.ok(!lab.events('n-life-17').some((e) => e.reason === 'Unhealthy'));
  });

  row('N-LIFE-18', async () => {
    const livenessProbe = { ...sh('test ! -e /notes/ending'), periodSeconds: 1, failureThreshold: 1 };
    const lifecycle = { preStop: sh('touch /notes/ending; sleep 5') };
    const quits = shell(
      'quits',
      note('quits start'),
      `until [ -e /notes/ending ]; do sleep 0.2; done`,
      note('quits exit'),
    );
    await removed('n-life-18', {
      terminationGracePeriodSeconds: 30,
      initContainers: [sidecar({ ...patient('probed'), livenessProbe }), sidecar(quits)],
      containers: [{ ...patient('app'), lifecycle }],
    });
    const story = await lab.story('n-life-18');
    for (const start of ['probed start', 'quits start'])
      assert.equal(story.filter((text) => text === start).length, 1, start);
  });

  row('N-LIFE-32', async () => {
    const initContainers = ['side1', 'side2', 'side3'].map((name) => sidecar(patient(name, 1)));
    const containers = [patient('app', 1), patient('app2', 2)];
    await removed('n-life-32', { terminationGracePeriodSeconds: 30, initContainers, containers });
    const story = (await lab.story('n-life-32')).filter((text) => !text.endsWith('start'));
    assert.deepEqual(
      story.slice(4),
      ['side3', 'side2', 'side1'].flatMap((n) => [`${n} term`, `${n} exit`]),
    );
    assert.deepEqual(story.slice(0, 4).toSorted(), ['app exit', 'app term', 'app2 exit', 'app2 term']);
    assert.deepEqual([...new Set(Object.values(ends('n-life-32')))], ['0 Completed']);
  });

  row('N-LIFE-33', async () => {
    const lifecycle = { preStop: sh('sleep 1000') };
    const initContainers = ['side1', 'side2'].map((name) => sidecar({ ...stubborn(name), lifecycle }));
    const containers = [{ ...stubborn('app'), lifecycle }];
    const took = await removed('n-life-33', { terminationGracePeriodSeconds: 6, initContainers, containers });
    assert.ok(took >= 7.5, `took ${took} s`);
    assert.deepEqual(ends('n-life-33'), { side1: '137 Error', side2: '137 Error', app: '137 Error' });
    const last = lab.looks('n-life-33').findLast(({ pod }) => pod !== undefined && ended(pod).length === 3)?.pod;
    const times = ended(last ?? {});
    assert.equal(times.length, 3);
    // Together, not one after the other: that would be two seconds for each of them at least, on any machine.
    assert.ok(Math.max(...times) - Math.min(...times) < 4_000, `ended at ${times}`);
  });

  row('N-LIFE-34', async () => {
    const hooked = (name: string): Container => ({
      ...patient(name),
      lifecycle: { preStop: sh(note(`${name} prestop`)) },
    });
    await removed('n-life-34', {
      terminationGracePeriodSeconds: 30,
      initContainers: ['side1', 'side2'].map((name) => sidecar(hooked(name))),
      containers: [hooked('app')],
    });
    const times = await Promise.all(['side1', 'side2', 'app'].map((name) => lab.noted('n-life-34', `${name} prestop`)));
    // All of them before the first sidecar is told to stop.
    const terms = await Promise.all(['side1', 'side2'].map((name) => lab.noted('n-life-34', `${name} term`)));
    assert.ok(Math.max(...times) <= Math.min(...terms), `began at ${times}, told to stop at ${terms}`);
  });

  row('N-LIFE-35', async () => {
    const initContainers = [shell('init', note('init start'), 'sleep 1000')];
    const pod = { terminationGracePeriodSeconds: 3, initContainers, containers: [patient('app')] };
    await removed('n-life-35', pod, 'init');
  });

  row('N-LIFE-36', async () => {
    const startupProbe = { ...sh('exit 1'), periodSeconds: 1, failureThreshold: 100 };
    const initContainers = [sidecar({ ...patient('side'), startupProbe })];
    const pod = { terminationGracePeriodSeconds: 900, initContainers, containers: [patient('app')] };
    const took = await removed('n-life-36', pod, 'side');
    assert.ok(took < 90, `took ${took} s`);
  });

  /** A pod that ends by itself, with its sidecars told to stop then. */
  async function completed(name: string, pod: Given): Promise<Pod> {
    await lab.give(name, { restartPolicy: 'Never', ...pod });
    const isOver = (p: Pod): boolean => p.status?.phase === 'Succeeded' || p.status?.phase === 'Failed';
    return lab.until(name, (p) => isOver(p) && !isRunning(p, 'side'));
  }

  row('N-LIFE-37', async () => {
    const side = shell('side', `trap 'exit 1' TERM`, FOREVER);
    const pod = await completed('n-life-37', {
      initContainers: [sidecar(side)],
      containers: [brief('app', { seconds: 1 })],
    });
    assert.deepEqual([pod.status?.phase, ends('n-life-37')['side']], ['Succeeded', '1 Error']);
  });

  row('N-LIFE-38', async () => {
    const lifecycle = { preStop: sh('exit 1') };
    const side = sidecar({ ...patient('side'), lifecycle });
    const pod = await completed('n-life-38', { initContainers: [side], containers: [brief('app', { seconds: 1 })] });
    assert.deepEqual([pod.status?.phase, ends('n-life-38')['side']], ['Succeeded', '0 Completed']);
    assert.ok(lab.events('n-life-38').some((e) => e.reason === 'FailedPreStopHook'));
  });

  row('N-LIFE-39', async () => {
    const initContainers = [sidecar(patient('quick')), sidecar(stubborn('slow'))];
    await removed('n-life-39', { terminationGracePeriodSeconds: 5, initContainers, containers: [stubborn('app')] });
    assert.deepEqual(ends('n-life-39'), { app: '137 Error', slow: '137 Error', quick: '0 Completed' });
  });

  row('N-LIFE-40', async () => {
    const pod = await completed('n-life-40', {
      terminationGracePeriodSeconds: 4,
      initContainers: [sidecar(stubborn('side'))],
      containers: [brief('app', { seconds: 1 })],
    });
    assert.deepEqual([pod.status?.phase, ends('n-life-40')['side']], ['Succeeded', '137 Error']);
  });

  row('N-LIFE-41', async () => {
    const lifecycle = { preStop: sh('sleep 1000') };
    const [, pod] = await Promise.all([
      removed('n-life-41-app', { terminationGracePeriodSeconds: 5, containers: [{ ...stubborn('app'), lifecycle }] }),
      completed('n-life-41-side', {
        terminationGracePeriodSeconds: 5,
        initContainers: [sidecar({ ...stubborn('side'), lifecycle })],
        containers: [brief('app', { seconds: 1 })],
      }),
    ]);
    assert.deepEqual(ends('n-life-41-app'), { app: '137 Error' });
    assert.deepEqual([pod.status?.phase, ends('n-life-41-side')['side']], ['Succeeded', '137 Error']);
  });
});

function ended(pod: Pod): readonly number[] {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return all.flatMap((s) => {
    const at = statusOf(pod, s.name)?.state?.terminated?.finishedAt;
    return at === undefined ? [] : [Date.parse(at)];
  });
}
