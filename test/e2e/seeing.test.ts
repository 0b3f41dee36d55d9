// What a person sees of real pods through the command line and the local API: logs, reasons, events, use. One runner for the whole file.
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

  test('wait: for a pod that is not there yet, for the generation of an edited manifest, for its end', async () => {
    const waiting = startCommand(lab.place, 'wait', 'edited', '--timeout', '80s');
    await lab.give('edited', { containers: [shell('app', 'echo first', FOREVER)] });
    assert.equal(await waiting.ended, 0, waiting.err);
    await lab.give('edited', { containers: [shell('app', 'echo second', FOREVER)] });
    const edited = await lab.place.call('wait', 'edited', '--for=generation', '--timeout=80s');
    assert.deepEqual(edited, { code: 0, out: 'default/edited-node runs as its manifest says\n', err: '' });
    await eventually(
      () => lab.place.call('logs', 'edited'),
      ({ out }) => out === 'second\n',
    );
    await lab.take('edited');
    assert.equal((await lab.place.call('wait', 'edited', '--for=deleted', '--timeout=80s')).code, 0);
    const late = await lab.place.call('wait', 'nobody', '--timeout', '100ms');
    assert.deepEqual([late.code, late.out], [124, '']);
  });

  test('top, images, metrics and the summary tell what is used', async () => {
    const { place } = lab;
    const top = await eventually(
      () => place.call('top', '--containers'),
      ({ out }) => /^talker-node +app +\d+m +\d+Mi$/m.test(out),
      90_000,
    );
    assert.match(top.out, /^POD +NAME +CPU\(cores\) +MEMORY\(bytes\)\n/);
    assert.match((await place.call('top', 'node')).out, /\nnode +\d+m +\d+Mi\n$/);
    assert.match((await place.call('images')).out, /^localhost\/busybox:1 +[0-9a-f]{13} /m);
    const summary = (await place.get('/stats/summary')) as { pods: readonly { podRef: { name: string } }[] };
    assert.ok(summary.pods.some(({ podRef }) => podRef.name === 'talker-node'));
    const resource = await place.text('/metrics/resource');
    assert.match(
      resource,
      /^container_memory_working_set_bytes\{container="app",namespace="default",pod="talker-node"\} \d+ \d{13}$/m,
    );
    assert.match(await place.text('/metrics'), /^kubelet_running_pods [1-9]/m);
  });

  test('export prints a pod as it was written, without what belongs to the node', async () => {
    const { code, out } = await lab.place.call('export', 'talker', '-o', 'json', '--as', 'deployment');
    assert.equal(code, 0);
    const [deployment] = JSON.parse(out).items;
    assert.deepEqual(deployment.metadata, { name: 'talker', labels: { app: 'talk' } });
    assert.deepEqual(deployment.spec.selector, { matchLabels: { app: 'talk' } });
    assert.equal(deployment.spec.template.spec.nodeName, undefined);
  });
});
