// What the runner and the runtime may do meanwhile: the rows of N-LIFE and N-STATIC about restarts of the runner, lost
// sandboxes, removed containers and a runtime that does not answer. All pods are given first, then the runner is
// restarted once for all of them, then each row looks at its own.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, Probe } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import {
  brief,
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
} from '../../support/lab.ts';
import { connectRawCri, type RawCri } from '../../support/rawCri.ts';
import { rowsOf } from '../../support/rows.ts';
import type { RowId } from '../census.ts';

interface Story {
  readonly id: RowId;
  /** Gives the row's pods, and resolves when they are as they have to be before the restart. */
  readonly given: () => Promise<void>;
  readonly whileDown?: (cri: RawCri) => Promise<void>;
  readonly afterRestart: () => Promise<void>;
}

describe('restarts of the runner', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  const stories: Story[] = [];
  const failures = new Map<RowId, unknown>();
  let logBefore = 0;
  let looksFrom = 0;

  before(async () => {
    lab = await Lab.open('restarts');
    await forEach((story) => story.given());
    const { code } = await lab.place.end('SIGTERM');
    assert.equal(code, 0);
    const cri = connectRawCri(`unix://${path.join(lab.place.root, 'containerd', 'containerd.sock')}`);
    await forEach(async (story) => story.whileDown?.(cri));
    cri.close();
    logBefore = lab.place.output.length;
    looksFrom = Date.now();
    lab.start();
    // What was seen before must not be taken for what is there now.
    await eventually(
      () => lab.place.snapshot(),
      ({ node, pods }) => node.sourcesReady && pods.length > 0 && pods.every((p) => p.status?.phase !== 'Unknown'),
      60_000,
    );
    for (const rounds = lab.rounds; lab.rounds < rounds + 2; ) await sleep(50);
  });
  after(() => lab.close());

  async function forEach(step: (story: Story) => Promise<void>): Promise<void> {
    const steps = stories.map((story) =>
      step(story).catch((error: unknown) => {
        failures.set(story.id, failures.get(story.id) ?? error);
      }),
    );
    await Promise.all(steps);
  }

  function tell(story: Story): void {
    stories.push(story);
    row(story.id, async () => {
      const failure = failures.get(story.id);
      if (failure !== undefined) throw failure;
      await story.afterRestart();
    });
  }

  /** Waits until the restarted runner shows a pod that answers with yes. */
  const afterwards = (name: string, question: (pod: Pod) => boolean): Promise<Pod> => lab.until(name, question);
  const idOf = (pod: Pod | undefined, container = 'app'): string =>
    statusOf(pod ?? {}, container)?.containerID?.replace(/^.*\/\//, '') ?? '';
  const count = async (name: string, text: string): Promise<number> =>
    (await lab.story(name)).filter((t) => t === text).length;

  async function stopSandbox(cri: RawCri, name: string): Promise<void> {
    const { items } = await cri.call('ListPodSandbox', {});
    const mine = (items as readonly { readonly id: string; readonly metadata: { readonly name: string } }[]).filter(
      (s) => s.metadata.name === `${name}-node`,
    );
    assert.equal(mine.length, 1);
    await cri.call('StopPodSandbox', { podSandboxId: mine[0]?.id });
  }

  const START_AGAIN = ['init1 start', 'init1 exit', 'init2 start', 'init2 exit', 'app start'];

  tell({
    id: 'N-LIFE-20',
    given: async () => {
      await lab.give('n-life-20', { initContainers: [brief('init1'), brief('init2')], containers: [patient('app')] });
      await lab.untilNoted('n-life-20', 'app start');
      await lab.until('n-life-20', (p) => isRunning(p));
    },
    whileDown: (cri) => stopSandbox(cri, 'n-life-20'),
    afterRestart: async () => {
      await afterwards('n-life-20', (p) => isRunning(p) && restartsOf(p) === 1);
      const story = (await lab.story('n-life-20')).filter((text) => text !== 'app term' && text !== 'app exit');
      assert.deepEqual(story, [...START_AGAIN, ...START_AGAIN]);
    },
  });

  tell({
    id: 'N-LIFE-43',
    given: async () => {
      const initContainers = [brief('init1'), sidecar(patient('side')), brief('init2', { seconds: 2 })];
      await lab.give('n-life-43', { initContainers, containers: [patient('app')] });
      await lab.untilNoted('n-life-43', 'app start');
      await lab.until('n-life-43', (p) => isRunning(p));
    },
    whileDown: (cri) => stopSandbox(cri, 'n-life-43'),
    afterRestart: async () => {
      await afterwards('n-life-43', (p) => isRunning(p) && restartsOf(p) === 1);
      const order = ['init1 start', 'init1 exit', 'side start', 'init2 start', 'init2 exit', 'app start'];
      const story = (await lab.story('n-life-43')).filter((t) => !/^(app|side) (term|exit)$/.test(t));
      assert.deepEqual(story, [...order, ...order]);
      const again = lab.looks('n-life-43').filter(({ at }) => at >= looksFrom);
      const before = again.filter(({ pod }) => pod !== undefined && isRunning(pod, 'init2'));
      assert.ok(before.length > 0, 'it was seen while it initialised');
      for (const { pod } of before) assert.equal(pod?.status?.phase, 'Pending');
    },
  });

  tell({
    id: 'N-LIFE-21',
    given: async () => {
      const long = shell('init', note('init start'), 'until [ -e /notes/go ]; do sleep 0.2; done', note('init exit'));
      await lab.give('n-life-21-done', { initContainers: [brief('init')], containers: [patient('app')] });
      await lab.give('n-life-21-gone', { initContainers: [brief('init')], containers: [patient('app')] });
      await lab.give('n-life-21-long', { initContainers: [long], containers: [patient('app')] });
      await lab.untilNoted('n-life-21-long', 'init start');
      for (const name of ['n-life-21-done', 'n-life-21-gone']) await lab.until(name, (p) => isRunning(p));
    },
    whileDown: async (cri) => {
      await cri.call('RemoveContainer', { containerId: idOf(lab.pod('n-life-21-gone'), 'init') });
    },
    afterRestart: async () => {
      await lab.signal('n-life-21-long', 'go');
      for (const name of ['done', 'gone', 'long'].map((which) => `n-life-21-${which}`)) {
        await afterwards(name, (p) => isTrue(p, 'Ready') && restartsOf(p) === 0);
        assert.equal(await count(name, 'init start'), 1, name);
        assert.equal(await count(name, 'app start'), 1, name);
      }
    },
  });

  tell({
    id: 'N-LIFE-44',
    given: async () => {
      for (const which of ['restart', 'reboot']) {
        await lab.give(`n-life-44-${which}`, { containers: [patient('old')] });
        await lab.untilNoted(`n-life-44-${which}`, 'old start');
      }
    },
    whileDown: async (cri) => {
      await stopSandbox(cri, 'n-life-44-reboot');
      for (const which of ['restart', 'reboot']) await lab.give(`n-life-44-${which}`, { containers: [patient('new')] });
    },
    afterRestart: async () => {
      for (const name of ['n-life-44-restart', 'n-life-44-reboot']) {
        await afterwards(name, (p) => isRunning(p, 'new') && restartsOf(p, 'new') === 0);
        await lab.untilNoted(name, 'new start');
        assert.deepEqual([await count(name, 'old start'), await count(name, 'new start')], [1, 1], name);
      }
    },
  });

  const probe: Probe = { ...sh('true'), periodSeconds: 2, initialDelaySeconds: 1 };
  const PROBES: { readonly [which: string]: { readonly startupProbe?: Probe; readonly readinessProbe?: Probe } } = {
    none: {},
    startup: { startupProbe: probe },
    readiness: { readinessProbe: probe },
    both: { startupProbe: probe, readinessProbe: probe },
  };
  const unchanged = (name: string, ...containers: readonly string[]): void => {
    const looks = lab
      .looks(name)
      .filter(({ at, pod }) => at >= looksFrom && pod?.status?.containerStatuses !== undefined);
    for (const { pod } of looks) {
      for (const c of containers) {
        const { started, ready, restartCount } = statusOf(pod ?? {}, c) ?? {};
        assert.deepEqual(
          [pod?.status?.phase, started, ready, restartCount],
          ['Running', true, true, 0],
          `${name} ${c}`,
        );
      }
    }
  };

  tell({
    id: 'N-LIFE-45',
    given: async () => {
      for (const [which, probes] of Object.entries(PROBES)) {
        const containers = ['one', 'two'].map((name) => ({ ...patient(name), ...probes }));
        await lab.give(`n-life-45-${which}`, { containers });
      }
      for (const which of Object.keys(PROBES)) await lab.until(`n-life-45-${which}`, (p) => isTrue(p, 'Ready'));
    },
    afterRestart: async () => {
      for (const name of Object.keys(PROBES).map((which) => `n-life-45-${which}`)) {
        await lab.during(name, 3_000, (p) => isTrue(p, 'Ready'));
        unchanged(name, 'one', 'two');
      }
    },
  });

  tell({
    id: 'N-STATIC-5',
    given: async () => {
      const readinessProbe: Probe = { ...sh('true'), initialDelaySeconds: 5, periodSeconds: 2 };
      await lab.give('n-static-5', { containers: [{ ...patient('app'), readinessProbe }] });
      await lab.until('n-static-5', (p) => isTrue(p, 'Ready'));
    },
    afterRestart: async () => {
      await lab.during('n-static-5', 3_000, (p) => isTrue(p, 'Ready'));
      unchanged('n-static-5', 'app');
    },
  });

  tell({
    id: 'N-STATIC-11',
    given: async () => {
      await lab.give('n-static-11', { initContainers: [brief('init')], containers: [patient('app')] });
      await lab.until('n-static-11', (p) => isRunning(p));
    },
    whileDown: async (cri) => {
      await cri.call('RemoveContainer', { containerId: idOf(lab.pod('n-static-11'), 'init') });
    },
    afterRestart: async () => {
      const pod = await afterwards('n-static-11', (p) => {
        return (
          statusOf(p, 'init')?.state?.terminated?.message?.startsWith('Unable to get init container status') === true
        );
      });
      const { exitCode, reason } = statusOf(pod, 'init')?.state?.terminated ?? {};
      assert.deepEqual([exitCode, reason, isRunning(pod), restartsOf(pod)], [0, 'Completed', true, 0]);
    },
  });

  let ranBefore = '';
  tell({
    id: 'N-STATIC-14',
    given: async () => {
      await lab.give('n-static-14', { containers: [patient('app')] });
      ranBefore = idOf(await lab.until('n-static-14', (p) => isRunning(p)));
    },
    afterRestart: async () => {
      await lab.during('n-static-14', 5_000, (p) => isRunning(p) && idOf(p) === ranBefore);
      const log = lab.place.output.slice(logBefore).split('\n');
      assert.deepEqual(
        log.filter(
          (line) => line.includes('"level":50') || line.includes('"level":"error"') || line.includes('"level":60'),
        ),
        [],
      );
    },
  });

  tell({
    id: 'N-STATIC-16',
    given: async () => {
      const pod: Given = { terminationGracePeriodSeconds: 10, containers: [patient('first'), patient('second')] };
      await lab.give('n-static-16', pod);
      await lab.untilNoted('n-static-16', 'second start');
    },
    whileDown: () => lab.take('n-static-16'),
    afterRestart: async () => {
      await lab.untilNoted('n-static-16', 'first exit');
      await lab.untilNoted('n-static-16', 'second exit');
      const cri = connectRawCri(`unix://${path.join(lab.place.root, 'containerd', 'containerd.sock')}`);
      type Listed = readonly { readonly labels: { readonly [key: string]: string } }[];
      const left = async (): Promise<number> => {
        const { containers } = await cri.call('ListContainers', {});
        const isMine = ({ labels }: Listed[number]): boolean => labels['io.kubernetes.pod.name'] === 'n-static-16-node';
        return (containers as Listed).filter(isMine).length;
      };
      await eventually(left, (count) => count === 0, 60_000).finally(() => cri.close());
    },
  });
});

describe('a runtime that does not answer', { skip: whyNoRuntime() }, () => {
  const { row } = rowsOf(`${import.meta.filename}.runtime`);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('runtime-down');
  });
  after(() => lab.close());

  row('N-STATIC-8', async () => {
    await lab.give('n-static-8', { terminationGracePeriodSeconds: 30, containers: [patient('app', 2)] });
    await lab.untilNoted('n-static-8', 'app start');
    await lab.until('n-static-8', (p) => isRunning(p));
    const pid = await lab.place.runtimePid();
    process.kill(pid, 'SIGSTOP');
    try {
      await lab.take('n-static-8');
      await lab.until('n-static-8', (p) => p.metadata?.deletionTimestamp !== undefined);
      await lab.during('n-static-8', 4_000, (p) => p.metadata?.deletionTimestamp !== undefined);
    } finally {
      // A runtime that hangs for long is replaced: then there is nobody to wake.
      if (
        await lab.place.runtimePid().then(
          (now) => now === pid,
          () => false,
        )
      )
        process.kill(pid, 'SIGCONT');
    }
    await lab.untilGone('n-static-8');
    assert.deepEqual(await lab.story('n-static-8'), ['app start', 'app term', 'app exit']);
  });
});
