// What a person sees of real pods through the command line: logs. One runner for the whole file.
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { FOREVER, Lab, QUICK_RESTARTS, restartsOf, shell } from '../support/lab.ts';
import { connectRawCri } from '../support/rawCri.ts';
import { startCommand } from '../support/running.ts';

const skip = whyNoRuntime();

describe('seeing', { skip, concurrency: true }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('seeing', QUICK_RESTARTS);
    await Promise.all([
      lab.give('talker', {
        metadata: { labels: { app: 'talk' } },
        containers: [shell('app', 'echo one; echo two >&2', FOREVER)],
      }),
      lab.give('other', {
        metadata: { labels: { app: 'talk' } },
        initContainers: [shell('prepare', 'echo prepared')],
        containers: [shell('app', 'echo hello', FOREVER)],
      }),
      lab.give('flapping', {
        containers: [
          shell(
            'app',
            'n=$(cat /notes/n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >/notes/n',
            'echo run $n',
            'sleep 1',
            'exit 3',
          ),
        ],
      }),
      lab.give('once', {
        restartPolicy: 'Never',
        containers: [shell('app', 'for i in 1 2 3; do echo line $i; sleep 1; done')],
      }),
    ]);
    await lab.place.untilReady('talker', 'other');
  });
  after(() => lab?.close());

  test('logs shows both streams, the last lines, several pods with prefixes, init containers', async () => {
    const { place } = lab;
    assert.equal((await place.call('logs', 'talker')).out, 'one\ntwo\n');
    assert.equal((await place.call('logs', 'talker', '--tail', '1')).out, 'two\n');
    assert.match((await place.call('logs', 'talker', '--timestamps')).out, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}\S+ one\n/);
    assert.equal((await place.call('logs', 'talker', '--since', '1ms')).out, '');
    const both = await place.call('logs', '-l', 'app=talk', '--all-containers');
    assert.deepEqual(both.out.split('\n').sort(), [
      '',
      '[other-node/app] hello',
      '[other-node/prepare] prepared',
      '[talker-node/app] one',
      '[talker-node/app] two',
    ]);
    assert.deepEqual(await place.call('logs', 'talker', '-p'), {
      code: 1,
      out: '',
      err: 'error: previous terminated container "app" in pod "talker-node" not found\n',
    });
  });

  test('logs -f goes on over restarts and stops at Ctrl-C', async () => {
    const following = startCommand(lab.place, 'logs', '-f', 'flapping');
    await following.untilOut(/run (\d+)\nrun (\d+)\nrun (\d+)\n/);
    assert.equal(await following.end('SIGINT'), 130);
    const runs = following.out
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.replace('run ', '')));
    assert.deepEqual(
      runs,
      runs.map((_, i) => (runs[0] ?? 0) + i),
    );
    await lab.until('flapping', (pod) => restartsOf(pod) >= 2);
    // Between two runs there may be no instance before for a moment.
    const previous = await eventually(
      () => lab.place.call('logs', 'flapping', '-p'),
      ({ out }) => /^run \d+\n$/.test(out),
      90_000,
    );
    assert.match(previous.out, /^run \d+\n$/);
  });

  test('logs -f of a pod that runs once ends with it', async () => {
    const following = startCommand(lab.place, 'logs', '-f', 'once');
    assert.equal(await following.ended, 0);
    assert.equal(following.out, 'line 1\nline 2\nline 3\n');
  });

  test('logs -f follows a file that was rotated', async () => {
    await lab.give('rotated', {
      containers: [shell('app', 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.1; done')],
    });
    await lab.place.untilReady('rotated');
    const following = startCommand(lab.place, 'logs', '-f', 'rotated');
    await following.untilOut(/^1\n2\n/);
    const pod = lab.pod('rotated');
    const file = `/var/log/pods/default_rotated-node_${pod?.metadata?.uid}/app/0.log`;
    await rename(file, `${file}.20260101-000000`);
    const id = pod?.status?.containerStatuses?.[0]?.containerID?.replace(/^.*\/\//, '') ?? '';
    const cri = connectRawCri(`unix://${path.join(lab.place.root, 'containerd', 'containerd.sock')}`);
    await cri.call('ReopenContainerLog', { containerId: id });
    cri.close();
    const last = Number(following.out.trimEnd().split('\n').at(-1));
    await following.untilOut(new RegExp(`\n${last + 10}\n`));
    await following.end('SIGINT');
    const numbers = following.out.trimEnd().split('\n').map(Number);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    );
  });
});
