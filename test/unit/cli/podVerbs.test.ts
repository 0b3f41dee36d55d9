import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodStatus } from '../../../src/api/kubernetes.ts';
import type { PodNote, RunnerReply } from '../../../src/ports/runner.ts';
import { type FakeRunner, fakeRunner, noteFor, runningPod } from '../server/fakeRunner.ts';
import { runCli, withRunner } from './runCli.ts';

const WEB = runningPod('web');
const OTHER = runningPod('db', { namespace: 'data' });
const REPLY: RunnerReply = { ok: true, pods: ['default/web-node1'] };

type Turn = readonly [pod: Pod | undefined, note: Partial<PodNote>];

/** A runner that answers a request by showing the pod in one state after the other, each seen before the next. */
function runnerThatShows(turns: readonly Turn[], from: Turn = [WEB, {}]): FakeRunner {
  const runner = fakeRunner(shown(from));
  runner.onRequest = () => {
    void playOut(runner, turns);
    return REPLY;
  };
  return runner;
}

function shown([pod, note]: Turn): Pick<Parameters<typeof fakeRunner>[0] & object, 'pods' | 'notes'> {
  return pod === undefined ? { pods: [OTHER], notes: {} } : { pods: [pod, OTHER], notes: noteFor(pod, note) };
}

async function playOut(runner: FakeRunner, turns: readonly Turn[]): Promise<void> {
  for (const turn of turns) {
    const seen = runner.read();
    runner.change(shown(turn));
    await seen;
  }
}

function withStatus(pod: Pod, status: Partial<PodStatus>): Pod {
  return { ...pod, status: { ...pod.status, ...status } };
}

const CREATING = withStatus(WEB, {
  phase: 'Pending',
  containerStatuses: [
    {
      name: 'app',
      image: 'i',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'ContainerCreating' } },
    },
  ],
});
const FAILED = withStatus(WEB, { phase: 'Failed', reason: 'OutOfcpu', message: 'no room', containerStatuses: [] });
const RESTARTED = runningPod('web', { restarts: 1 });
const STOPPED: Turn = [WEB, { stopped: true, display: 'Stopped' }];

test('stop waits until the pod is down and says how it goes', async () => {
  const runner = runnerThatShows([
    [WEB, { stopped: true, display: 'Terminating', waitingFor: 'grace period of 30 s' }],
    STOPPED,
  ]);
  await withRunner(runner, async ({ run }) => {
    assert.deepEqual(await run('stop', 'web'), {
      code: 0,
      out: 'web-node1 stopped\n',
      err: 'web-node1: Terminating (grace period of 30 s)\n',
    });
    assert.deepEqual(runner.requests, [{ verb: 'stop', selection: { names: ['web'] } }]);
  });
});

test('stop is done when the pod is gone', async () => {
  await withRunner(runnerThatShows([[undefined, {}]]), async ({ run }) => {
    const { code, out } = await run('stop', 'pod/web-node1', '-n', 'default');
    assert.deepEqual([code, out], [0, 'web-node1 stopped\n']);
  });
});

test('start waits until the containers run', async () => {
  const runner = runnerThatShows(
    [
      [CREATING, { display: 'ContainerCreating' }],
      [WEB, {}],
    ],
    STOPPED,
  );
  await withRunner(runner, async ({ run }) => {
    assert.deepEqual(await run('start', 'web'), {
      code: 0,
      out: 'web-node1 started\n',
      err: 'web-node1: ContainerCreating\n',
    });
  });
});

test('restart waits for new containers, whatever the old ones did', async () => {
  const runner = runnerThatShows([
    [WEB, { display: 'Terminating' }],
    [CREATING, { display: 'ContainerCreating' }],
    [RESTARTED, {}],
  ]);
  await withRunner(runner, async ({ run }) => {
    assert.deepEqual(await run('restart', 'web'), {
      code: 0,
      out: 'web-node1 restarted\n',
      err: 'web-node1: Terminating\nweb-node1: ContainerCreating\n',
    });
  });
});

test('a one-shot pod that succeeds at once has been started', async () => {
  const done = withStatus(WEB, { phase: 'Succeeded', containerStatuses: [] });
  await withRunner(runnerThatShows([[done, { display: 'Completed' }]], STOPPED), async ({ run }) => {
    assert.deepEqual([(await run('start', 'web')).code], [0]);
  });
});

test('a pod that fails instead is an error with its reason', async () => {
  await withRunner(runnerThatShows([[FAILED, { display: 'OutOfcpu' }]], STOPPED), async ({ run }) => {
    assert.deepEqual(await run('start', 'web'), {
      code: 1,
      out: '',
      err: 'error: Cannot start web-node1: it has failed (OutOfcpu: no room)\n',
    });
  });
});

test('a pod that never gets there is a time-out with what it waits for', async () => {
  const runner = runnerThatShows([[WEB, { stopped: true, display: 'Terminating', waitingFor: 'the runtime' }]]);
  await withRunner(runner, async ({ run }) => {
    const { code, err } = await run('stop', 'web', '--timeout', '1s');
    assert.deepEqual(
      [code, err],
      [
        124,
        'web-node1: Terminating (the runtime)\nerror: Timed out after 1s: web-node1 is still Terminating (the runtime)\n',
      ],
    );
  });
});

test('Ctrl-C ends the waiting, not the stopping', async () => {
  const interruption = new AbortController();
  const runner = fakeRunner(shown([WEB, {}]));
  runner.onRequest = () => {
    interruption.abort();
    return REPLY;
  };
  await withRunner(runner, async ({ runAt }) => {
    assert.deepEqual(await runAt({ interrupted: interruption.signal }, 'stop', 'web'), {
      code: 130,
      out: '',
      err: 'Interrupted: the runner goes on by itself; web-node1 is not there yet\n',
    });
  });
});

test('--no-wait only hands the request over', async () => {
  const runner = fakeRunner(shown([WEB, {}]));
  await withRunner(runner, async ({ run }) => {
    assert.deepEqual(await run('restart', '--all', '--no-wait'), {
      code: 0,
      out: 'web-node1 will be restarted\ndata/db-node1 will be restarted\n',
      err: '',
    });
    assert.deepEqual(runner.requests, [{ verb: 'restart', selection: { all: true } }]);
  });
});

test('what the runner refuses is an error', async () => {
  const runner = fakeRunner();
  runner.onRequest = () => ({ ok: false, status: 404, message: 'No pod "web" to stop' });
  await withRunner(runner, async ({ run }) => {
    assert.deepEqual(await run('stop', 'web'), { code: 1, out: '', err: 'error: No pod "web" to stop\n' });
  });
});

test('nothing to stop is done at once', async () => {
  await withRunner(fakeRunner(), async ({ run }) => {
    assert.deepEqual(await run('stop', '--all'), { code: 0, out: '', err: 'No pods to stop.\n' });
  });
});

const USAGE: readonly { readonly args: readonly string[]; readonly err: string }[] = [
  { args: ['stop'], err: 'error: Which pods? Name them, or stop every pod with --all\n' },
  { args: ['start', 'web', '--all'], err: 'error: Names and --all exclude each other\n' },
  { args: ['restart', '--all', '-n', 'x'], err: 'error: --namespace and --all exclude each other\n' },
  {
    args: ['stop', 'web', '--timeout', 'soon'],
    err: "error: option '--timeout <duration>' argument 'soon' is invalid. It must be a duration above zero, such as 90s, 2m or 1m30s.\n",
  },
];

for (const { args, err } of USAGE) {
  test(`solopod ${args.join(' ')} is wrong usage`, async () => {
    assert.deepEqual(await runCli(args), { code: 2, out: '', err });
  });
}
