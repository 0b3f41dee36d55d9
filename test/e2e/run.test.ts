// The main job, seen from outside: pods of manifests on a real containerd with a real network.
import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { containerIds, patientPod, restarts, Workplace } from '../support/solopod.ts';

const skip = whyNoRuntime();
const EXAMPLES = path.resolve(import.meta.dirname, '../../manifests');

describe('run', { skip }, () => {
  let place: Workplace;
  before(async () => {
    place = await Workplace.make('run');
  });
  after(() => place.abandon());

  test('The example pods come up, a page is served on the host, and Ctrl-C leaves nothing behind', async () => {
    place.start([EXAMPLES]);
    await place.untilReady('hello-web', 'init-containers', 'sidecar', 'downward-api');
    await place.until((pods) => pods.some((p) => p.metadata?.name === 'job-node' && p.status?.phase === 'Succeeded'));
    await eventually(
      () => page('http://127.0.0.1:8080'),
      (html) => /hello/i.test(html),
    );
    assert.match(place.output, /curl http:\/\/127\.0\.0\.1:8080/);
    const ended = await place.end('SIGINT');
    assert.deepEqual(ended, { code: 130, signal: null });
    assert.match(place.output, /nothing is left behind/);
  });

  test('SIGTERM leaves the pods running, and the next start adopts them untouched', async () => {
    for (const name of ['one', 'two', 'three']) await place.give(`${name}.yaml`, patientPod(name));
    place.start();
    const first = await place.untilReady('one', 'two', 'three');
    const begun = Date.now();
    assert.deepEqual(await place.end('SIGTERM'), { code: 0, signal: null });
    assert.ok(Date.now() - begun < 5_000);
    place.start();
    const second = await place.untilReady('one', 'two', 'three');
    assert.deepEqual(containerIds(second), containerIds(first));
    assert.deepEqual(restarts(second), [0, 0, 0]);
  });

  test('A second runner on the same root directory is refused at once, with the pid of the first', async () => {
    const begun = Date.now();
    const second = await place.call('run');
    assert.equal(second.code, 1);
    assert.match(second.err, new RegExp(`\\b${place.pid}\\b`));
    assert.ok(Date.now() - begun < 1_500);
  });

  test('A broken edit keeps the pod running and is told; the mended one replaces it', async () => {
    const [before] = await place.untilReady('one');
    await place.give('one.yaml', patientPod('one').replace('containers:', 'containerz:'));
    await place.until(() => true);
    const paths = async () => (await place.snapshot()).troubles.flatMap((t) => t.diagnostics.map((d) => d.path));
    await eventually(paths, (all) => all.includes('spec.containerz'));
    assert.deepEqual(containerIds([(await place.pod('one')) ?? {}]), containerIds([before ?? {}]));
    await place.give('one.yaml', patientPod('one').replace('sleep 0.2', 'sleep 0.3'));
    await place.until((pods) =>
      pods.some((p) => p.metadata?.name === 'one-node' && p.metadata.uid !== before?.metadata?.uid),
    );
    await place.untilReady('one');
    assert.deepEqual((await place.snapshot()).troubles, []);
  });

  test('A file that is broken while the runner is down does not take its pod with it', async () => {
    const [before] = await place.until((pods) => pods.some((p) => p.metadata?.name === 'one-node'));
    await place.end('SIGKILL');
    await place.give('one.yaml', 'kind: Pod\nmetadata: {name: one');
    place.start();
    const after = await place.untilReady('one', 'two', 'three');
    assert.deepEqual(containerIds(after.slice(0, 1)), containerIds(before === undefined ? [] : [before]));
    await place.give('one.yaml', patientPod('one').replace('sleep 0.2', 'sleep 0.3'));
    await eventually(
      async () => (await place.snapshot()).troubles,
      (troubles) => troubles.length === 0,
    );
  });

  test('A removed manifest takes its pod away, and its logs', async () => {
    const pod = await place.pod('two');
    assert.ok(pod);
    const { uid } = pod.metadata ?? {};
    await place.take('two.yaml');
    await place.until((pods) => !pods.some((p) => p.metadata?.uid === uid));
    await assert.rejects(access(`/var/log/pods/default_two-node_${uid}`));
  });

  test('A stopped pod stays stopped over a restart of the runner and a kill -9, until it is started', async () => {
    assert.equal((await place.call('stop', 'three')).code, 0);
    await place.end('SIGKILL');
    place.start();
    await place.untilReady('one');
    const note = async () => Object.values((await place.snapshot()).notes).find((n) => n.key === 'default/three-node');
    await eventually(note, (n) => n?.display === 'Stopped');
    assert.equal((await place.call('start', 'three')).code, 0);
    await place.untilReady('three');
  });

  test('restart makes new containers', async () => {
    const [before] = [await place.pod('three')];
    assert.equal((await place.call('restart', 'three')).code, 0);
    await place.untilReady('three');
    assert.notDeepEqual(containerIds([(await place.pod('three')) ?? {}]), containerIds([before ?? {}]));
  });

  test('The runtime is killed: the pods run on, and the runner is back with them within seconds', async () => {
    const before = await place.untilReady('one', 'three');
    const pid = await place.runtimePid();
    process.kill(pid, 'SIGKILL');
    await place.give('late.yaml', patientPod('late'));
    await place.untilReady('one', 'three', 'late');
    const after = (await place.pods()).filter((p) => p.metadata?.name !== 'late-node');
    assert.deepEqual(containerIds(after), containerIds(before));
    assert.notEqual(await place.runtimePid(), pid);
    await place.take('late.yaml');
  });

  test('A container that the kernel or a person kills is started again', async () => {
    await place.give('fragile.yaml', patientPod('fragile').replace('while true', 'sleep 1; exit 3; while true'));
    await place.until((pods) => pods.some((p) => p.metadata?.name === 'fragile-node' && (restarts([p])[0] ?? 0) >= 1));
    const pod = await place.pod('fragile');
    assert.equal(pod?.status?.phase, 'Running');
    await place.take('fragile.yaml');
  });

  test('stop --all with no runner alive removes what the last one left', async () => {
    await place.end('SIGKILL');
    const cleaned = await place.call('stop', '--all');
    assert.equal(cleaned.code, 0, cleaned.err);
    assert.deepEqual(await place.leave(), []);
  });
});

test('Manifests come from standard input too, and a list is several pods', { skip }, async (t) => {
  const place = await Workplace.make('list');
  t.after(() => place.abandon());
  const file = path.join(place.manifests, 'list.json');
  const pod = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      containers: [{ name: 'app', image: 'localhost/busybox:1', command: ['sleep', '3600'] }],
      terminationGracePeriodSeconds: 0,
    },
  });
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod('a'), pod('b')] }));
  place.start([file]);
  await place.untilReady('a', 'b');
  assert.deepEqual(await place.leave(), []);
});

async function page(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { signal: AbortSignal.timeout(5_000) }, (response) => resolve(text(response))).on('error', reject);
  });
}
