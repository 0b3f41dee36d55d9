// In which order containers start, and what holds them back: N-LIFE of the census, up to the end of the pod.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Container, Probe } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import {
  brief,
  FOREVER,
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
} from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

const POLICIES = ['Always', 'OnFailure', 'Never'] as const;
type Policy = (typeof POLICIES)[number];

const MISSING: Partial<Container> = { image: '127.0.0.1:1/none/none:1', imagePullPolicy: 'IfNotPresent' };

describe('the order of starts', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('order');
  });
  after(() => lab.close());

  /** Tells the story of one pod for each policy; it is named by the row and the policy. */
  function each(id: string, tell: (name: string, restartPolicy: Policy) => Promise<void>): Promise<unknown> {
    return Promise.all(POLICIES.map((policy) => tell(`${id}-${policy.toLowerCase()}`, policy)));
  }

  const done = (name: string, phase = 'Succeeded') => lab.until(name, (pod) => pod.status?.phase === phase);

  row('N-LIFE-5', async () => {
    const initContainers = ['init1', 'init2', 'init3'].map((name) => brief(name, { seconds: 1 }));
    await lab.give('n-life-5', { restartPolicy: 'Never', initContainers, containers: [brief('app')] });
    await done('n-life-5');
    const order = ['init1', 'init2', 'init3', 'app'].flatMap((name) => [`${name} start`, `${name} exit`]);
    assert.deepEqual(await lab.story('n-life-5'), order);
  });

  row('N-LIFE-6', async () => {
    const initContainers = [brief('init1'), brief('init2', { code: 1 }), brief('init3')];
    await lab.give('n-life-6', { restartPolicy: 'Never', initContainers, containers: [brief('app')] });
    await done('n-life-6', 'Failed');
    assert.deepEqual(await lab.story('n-life-6'), ['init1 start', 'init1 exit', 'init2 start', 'init2 exit']);
  });

  row('N-LIFE-7', async () => {
    const lifecycle = { postStart: sh(note('poststart')) };
    await lab.give('n-life-7', { initContainers: [brief('init')], containers: [{ ...patient('app'), lifecycle }] });
    await lab.untilNoted('n-life-7', 'poststart');
    assert.ok((await lab.noted('n-life-7', 'init exit')) <= (await lab.noted('n-life-7', 'poststart')));
  });

  row('N-LIFE-8', async () => {
    await lab.give('n-life-8', { containers: [brief('app', { code: 1 })] });
    await lab.until('n-life-8', (pod) => restartsOf(pod) >= 3);
  });

  row('N-LIFE-9', async () => {
    const lifecycle = { postStart: sh('sleep 3', note('poststart done')) };
    await lab.give('n-life-9', { containers: [{ ...patient('first'), lifecycle }, patient('second')] });
    await lab.untilNoted('n-life-9', 'second start');
    assert.deepEqual(await lab.story('n-life-9'), ['first start', 'poststart done', 'second start']);
  });

  row('N-LIFE-10', async () => {
    await each('n-life-10', async (name, restartPolicy) => {
      const initContainers = [{ ...brief('init1'), ...MISSING }, brief('init2')];
      await lab.give(name, { restartPolicy, initContainers, containers: [brief('app')] });
      const reason = (pod: Parameters<typeof statusOf>[0]) => statusOf(pod, 'init1')?.state?.waiting?.reason;
      await lab.until(name, (pod) => reason(pod) === 'ImagePullBackOff');
      assert.equal(lab.pod(name)?.status?.phase, 'Pending');
      assert.deepEqual(await lab.story(name), []);
    });
  });

  row('N-LIFE-11', async () => {
    await lab.give('n-life-11', { initContainers: [brief('init')], containers: [brief('app')] });
    const pod = await lab.until('n-life-11', (p) => restartsOf(p) >= 2);
    assert.equal(restartsOf(pod, 'init'), 0);
    assert.equal((await lab.story('n-life-11')).filter((text) => text === 'init start').length, 1);
  });

  row('N-LIFE-22', async () => {
    await each('n-life-22', async (name, restartPolicy) => {
      const startupProbe = every(sh('test -e /tmp/started'));
      const side1 = sidecar({ ...slowlyStarted('side1'), startupProbe });
      const lifecycle = { postStart: sh('sleep 1', note('side2 poststart')) };
      const side2 = sidecar({ ...patient('side2'), lifecycle });
      const initContainers = [brief('init1'), side1, brief('init2'), side2, brief('init3')];
      await lab.give(name, { restartPolicy, initContainers, containers: [brief('app', { seconds: 1 })] });
      if (restartPolicy === 'Always') await lab.until(name, (pod) => restartsOf(pod) >= 1);
      else await done(name);
      const wanted = [
        ...['init1 start', 'init1 exit', 'side1 start', 'side1 started', 'init2 start', 'init2 exit'],
        ...['side2 start', 'side2 poststart', 'init3 start', 'init3 exit', 'app start', 'app exit'],
      ];
      assert.deepEqual((await lab.story(name)).slice(0, wanted.length), wanted);
    });
  });

  row('N-LIFE-24', async () => {
    await each('n-life-24', async (name, restartPolicy) => {
      await lab.give(name, { restartPolicy, initContainers: [sidecar(patient('side'))], containers: [brief('app')] });
      if (restartPolicy === 'Always') {
        await lab.until(name, (pod) => restartsOf(pod) >= 2);
        lab.always(name, (pod) => restartsOf(pod, 'side') === 0);
        return;
      }
      const pod = await done(name);
      assert.equal(restartsOf(pod, 'side'), 0);
      await lab.untilNoted(name, 'side exit');
      assert.deepEqual((await lab.story(name)).slice(-3), ['app exit', 'side term', 'side exit']);
    });
  });

  row('N-LIFE-25', async () => {
    await each('n-life-25', async (name, restartPolicy) => {
      const initContainers = [sidecar({ ...patient('side'), ...MISSING })];
      await lab.give(name, { restartPolicy, initContainers, containers: [brief('app')] });
      await lab.until(name, (pod) => statusOf(pod, 'side')?.state?.waiting?.reason === 'ImagePullBackOff');
      assert.deepEqual(await lab.story(name), []);
    });
  });

  row('N-LIFE-26', async () => {
    await each('n-life-26', async (name, restartPolicy) => {
      const during = async (which: string, code: number, initContainers: readonly Container[]): Promise<void> => {
        const pod = `${name}-${which}-${code}`;
        const containers = [patient('app')];
        await lab.give(pod, {
          restartPolicy,
          initContainers: [sidecar(brief('side', { code })), ...initContainers],
          containers,
        });
        await lab.until(pod, (p) => restartsOf(p, 'side') >= 2 && isRunning(p, which === 'before' ? 'init' : 'app'));
        await lab.take(pod);
      };
      await Promise.all(
        [0, 1].flatMap((code) => [during('before', code, [brief('init', { seconds: 60 })]), during('after', code, [])]),
      );
    });
  });

  row('N-LIFE-27', async () => {
    await each('n-life-27', async (name, restartPolicy) => {
      const initContainers = [brief('init', { code: 1 }), sidecar(patient('side'))];
      await lab.give(name, { restartPolicy, initContainers, containers: [brief('app')] });
      if (restartPolicy === 'Never') await done(name, 'Failed');
      else await lab.until(name, (pod) => restartsOf(pod, 'init') >= 3 && pod.status?.phase === 'Pending');
      assert.ok(!(await lab.story(name)).some((text) => text.startsWith('side') || text.startsWith('app')));
    });
  });

  row('N-LIFE-28', async () => {
    await each('n-life-28', async (name, restartPolicy) => {
      const initContainers = [sidecar(patient('side')), brief('init', { seconds: 1, code: 1 })];
      await lab.give(name, { restartPolicy, initContainers, containers: [brief('app')] });
      if (restartPolicy === 'Never') {
        const pod = await done(name, 'Failed');
        assert.equal(statusOf(pod, 'side')?.restartCount, 0);
        await lab.until(name, (p) => statusOf(p, 'side')?.state?.terminated?.exitCode === 0);
        return;
      }
      const pod = await lab.until(name, (p) => restartsOf(p, 'init') >= 2);
      assert.ok(isRunning(pod, 'side') && restartsOf(pod, 'side') === 0);
      assert.equal(pod.status?.phase, 'Pending');
    });
  });

  row('N-LIFE-29', async () => {
    const startupProbe = every(sh('test -e /tmp/started'));
    const initContainers = [sidecar({ ...slowlyStarted('side'), startupProbe })];
    await lab.give('n-life-29', { initContainers, containers: [patient('app')] });
    await lab.untilNoted('n-life-29', 'app start');
    assert.deepEqual(await lab.story('n-life-29'), ['side start', 'side started', 'app start']);
  });

  row('N-LIFE-30', async () => {
    const startupProbe = { ...every(sh('exit 1')), failureThreshold: 2 };
    const lifecycle = { preStop: sh(note('prestop')) };
    const initContainers = [sidecar({ ...patient('side'), startupProbe, lifecycle }), brief('init')];
    await lab.give('n-life-30', { initContainers, containers: [patient('app')] });
    const pod = await lab.until('n-life-30', (p) => restartsOf(p, 'side') >= 2);
    assert.equal(pod.status?.phase, 'Pending');
    const story = await lab.story('n-life-30');
    const round = ['side start', 'prestop', 'side term', 'side exit'];
    assert.deepEqual(story.slice(0, 8), [...round, ...round]);
    assert.ok(!story.some((text) => text.startsWith('init') || text.startsWith('app')));
  });

  row('N-LIFE-31', async () => {
    const livenessProbe = { ...every(sh('exit 1')), failureThreshold: 1 };
    await lab.give('n-life-31', {
      initContainers: [sidecar({ ...patient('side'), livenessProbe })],
      containers: [patient('app')],
    });
    await lab.until('n-life-31', (pod) => restartsOf(pod, 'side') >= 2 && isRunning(pod));
    lab.always('n-life-31', (pod) => restartsOf(pod) === 0);
  });

  row('N-LIFE-42', async () => {
    const script = '[ -e /notes/once ] || { touch /notes/once; exec sleep 1000; }; touch /tmp/started';
    const startupProbe = { ...every(sh('test -e /tmp/started')), failureThreshold: 3 };
    const side = sidecar({ ...shell('side', `trap 'exit 0' TERM`, script, FOREVER), startupProbe });
    await lab.give('n-life-42', { initContainers: [side], containers: [patient('app')] });
    await lab.until('n-life-42', (pod) => isRunning(pod) && isTrue(pod, 'Ready') && restartsOf(pod, 'side') === 1);
  });
});

function every(probe: Probe): Probe {
  return { ...probe, periodSeconds: 1, failureThreshold: 60 };
}

/** Is started, for its startup probe, after two seconds. */
function slowlyStarted(name: string): Container {
  return shell(
    name,
    `trap 'exit 0' TERM`,
    note(`${name} start`),
    'sleep 2',
    note(`${name} started`),
    'touch /tmp/started',
    FOREVER,
  );
}
