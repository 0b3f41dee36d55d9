// Manifests that change: in place where they have a uid of their own, as a new pod where they have none.
// MIRROR, MIRGRACE and the rows of N-LIFE and N-STATIC about that.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Pod, Probe } from '../../../src/api/kubernetes.ts';
import { busyboxArchive } from '../../../src/platform/localImages.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import {
  BUSYBOX,
  brief,
  FOREVER,
  type Given,
  isRunning,
  isTrue,
  Lab,
  note,
  patient,
  QUICK_RESTARTS,
  restartsOf,
  sh,
  shell,
  sidecar,
  statusOf,
  stubborn,
} from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

const OTHER = 'localhost/busybox:2';
const POLICIES = ['Always', 'OnFailure', 'Never'] as const;
const EDITS = 300;
const BETWEEN_EDITS_MS = 100;

describe('manifests that change', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('updates', QUICK_RESTARTS, async ({ root }) => {
      const archive = await busyboxArchive(OTHER);
      assert.ok(archive.ok);
      await writeFile(path.join(root, 'images', 'other.tar'), archive.value);
    });
  });
  after(() => lab.close());

  /** Gives a pod that keeps its uid whatever its manifest says. */
  function inPlace(name: string, pod: Given): Promise<void> {
    return lab.give(name, { metadata: { uid: `uid-of-${name}` }, ...pod });
  }

  function each(id: string, tell: (name: string, restartPolicy: string) => Promise<void>): Promise<unknown> {
    return Promise.all(POLICIES.map((policy) => tell(`${id}-${policy.toLowerCase()}`, policy)));
  }

  const counts = (pod: Pod, ...names: readonly string[]): string => names.map((name) => restartsOf(pod, name)).join();
  const imageOf = (pod: Pod): string => pod.spec?.containers[0]?.image ?? '';

  row('N-LIFE-1', () =>
    each('n-life-1', async (name, restartPolicy) => {
      const pod = (image: string): Given => ({
        restartPolicy,
        initContainers: [brief('init')],
        containers: [patient('first'), { ...patient('second'), image }],
      });
      await inPlace(name, pod(BUSYBOX));
      await lab.until(name, (p) => isRunning(p, 'second'));
      await lab.untilNoted(name, 'second start');
      await inPlace(name, pod(OTHER));
      await lab.until(name, (p) => isRunning(p, 'second') && counts(p, 'init', 'first', 'second') === '0,0,1');
      const killing = lab.events(name).find((e) => e.reason === 'Killing');
      assert.equal(killing?.message, 'Container second definition changed, will be restarted');
    }).then(() => undefined),
  );

  row('N-LIFE-2', async () => {
    const pod = (image: string): Given => ({
      initContainers: [
        shell('init', note('init start'), 'until [ -e /notes/go ]; do sleep 0.2; done', note('init exit')),
      ],
      containers: [{ ...patient('app'), image }],
    });
    await inPlace('n-life-2', pod(BUSYBOX));
    await lab.untilNoted('n-life-2', 'init start');
    await inPlace('n-life-2', pod(OTHER));
    await lab.until('n-life-2', (p) => imageOf(p) === OTHER);
    await lab.signal('n-life-2', 'go');
    const after = await lab.until('n-life-2', (p) => isRunning(p));
    await lab.untilNoted('n-life-2', 'app start');
    assert.deepEqual(await lab.story('n-life-2'), ['init start', 'init exit', 'app start']);
    assert.equal(restartsOf(after), 0);
  });

  row('N-LIFE-3', async () => {
    const tell = async (name: string, type: 'startupProbe' | 'livenessProbe'): Promise<void> => {
      const probe: Probe = { ...sh('test -e /notes/well'), periodSeconds: 1, failureThreshold: 60 };
      // It minds no request to stop for a while, so that the new image is known before the old instance is gone.
      const slow = shell('app', `trap '${note('term')}; sleep 3; exit 1' TERM`, note('start'), FOREVER);
      const pod = (image: string, failureThreshold: number): Given => ({
        terminationGracePeriodSeconds: 30,
        containers: [{ ...slow, image, [type]: { ...probe, failureThreshold } }],
      });
      await inPlace(name, pod(BUSYBOX, 1));
      await lab.untilNoted(name, 'term');
      await inPlace(name, pod(OTHER, 1));
      await lab.signal(name, 'well');
      const after = await lab.until(name, (p) => isRunning(p) && isTrue(p, 'Ready') && restartsOf(p) >= 1);
      assert.equal(imageOf(after), OTHER);
      assert.equal(restartsOf(after), 1, 'restarted once, with the new image');
    };
    await Promise.all([tell('n-life-3-startup', 'startupProbe'), tell('n-life-3-liveness', 'livenessProbe')]);
  });

  row('N-LIFE-4', () =>
    each('n-life-4', async (name, restartPolicy) => {
      const pod = (image: string): Given => ({
        restartPolicy,
        terminationGracePeriodSeconds: 30,
        containers: [{ ...patient('app', 3), image }],
      });
      await inPlace(name, pod(BUSYBOX));
      await lab.untilNoted(name, 'app start');
      await lab.take(name);
      await lab.untilNoted(name, 'app term');
      await inPlace(name, pod(OTHER));
      await lab.untilNoted(name, 'app exit');
      // What is given again while it ends begins anew afterwards, once.
      const again = (story: readonly string[]): number => story.filter((text) => text === 'app start').length;
      await eventually(
        () => lab.story(name),
        (story) => again(story) === 2,
        60_000,
      );
      assert.deepEqual(await lab.story(name), ['app start', 'app term', 'app exit', 'app start']);
    }).then(() => undefined),
  );

  row('N-LIFE-19', async () => {
    const pod = (image: string): Given => ({
      initContainers: [{ ...brief('init'), image }],
      containers: [patient('app')],
    });
    await inPlace('n-life-19', pod(BUSYBOX));
    await lab.until('n-life-19', (p) => isRunning(p));
    await inPlace('n-life-19', pod(OTHER));
    await lab.until('n-life-19', (p) => p.spec?.initContainers?.[0]?.image === OTHER);
    await lab.during('n-life-19', 3_000, (p) => isRunning(p) && counts(p, 'init', 'app') === '0,0');
    assert.equal((await lab.story('n-life-19')).filter((text) => text === 'init start').length, 1);
  });

  row('N-LIFE-23', () =>
    each('n-life-23', async (name, restartPolicy) => {
      const wait = 'until [ -e /notes/go ]; do sleep 0.2; done';
      const pod = (image: string): Given => ({
        restartPolicy,
        initContainers: [
          sidecar({ ...patient('side'), image }),
          shell('init', note('init start'), wait, note('init exit')),
        ],
        containers: [patient('app')],
      });
      await inPlace(name, pod(BUSYBOX));
      await lab.untilNoted(name, 'init start');
      await inPlace(name, pod(OTHER));
      await lab.until(name, (p) => isRunning(p, 'side') && counts(p, 'side', 'init', 'app') === '1,0,0');
      await lab.signal(name, 'go');
      await lab.until(name, (p) => isRunning(p));
      const story = (await lab.story(name)).filter((text) => text.startsWith('init'));
      assert.deepEqual(story, ['init start', 'init exit']);
    }).then(() => undefined),
  );

  row('MIRROR-1', async () => {
    await lab.give('mirror-1', { containers: [{ ...patient('app'), image: BUSYBOX }] });
    const old = await lab.until('mirror-1', (p) => isRunning(p));
    // As a careless editor does: truncated first, then written.
    const file = path.join(lab.place.manifests, 'mirror-1.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(BUSYBOX, OTHER));
    const pod = await lab.until('mirror-1', (p) => isRunning(p) && p.metadata?.uid !== old.metadata?.uid);
    assert.deepEqual(
      pod.spec?.containers.map((c) => c.image),
      [OTHER],
    );
    assert.ok(pod.metadata?.annotations?.['kubernetes.io/config.hash'] !== undefined);
    assert.notEqual(pod.metadata?.annotations?.['kubernetes.io/config.source'], 'api');
  });

  row('MIRGRACE-1', async () => {
    const grace = 8;
    await lab.give('mirgrace-1', { terminationGracePeriodSeconds: grace, containers: [stubborn('app')] });
    await lab.untilNoted('mirgrace-1', 'app start');
    await lab.take('mirgrace-1');
    const ending = await lab.until('mirgrace-1', (p) => p.metadata?.deletionTimestamp !== undefined);
    await lab.untilGone('mirgrace-1');
    const last = lab.looks('mirgrace-1').findLast(({ pod }) => pod !== undefined && statusOf(pod, 'app') !== undefined);
    const end = statusOf(last?.pod ?? {}, 'app')?.state?.terminated;
    assert.equal(end?.exitCode, 137);
    const took = (Date.parse(end?.finishedAt ?? '') - Date.parse(ending.metadata?.deletionTimestamp ?? '')) / 1000;
    // Times in a status are whole seconds.
    assert.ok(took >= grace - 1, `killed after ${took} s`);
  });

  row('N-STATIC-1', async () => {
    const pod: Given = { terminationGracePeriodSeconds: 20, containers: [patient('app', 3)] };
    await lab.give('n-static-1', pod);
    await lab.untilNoted('n-static-1', 'app start');
    await lab.take('n-static-1');
    await lab.untilNoted('n-static-1', 'app term');
    await lab.give('n-static-1', pod);
    const starts = async (): Promise<number> =>
      (await lab.story('n-static-1')).filter((text) => text === 'app start').length;
    await eventually(starts, (n) => n === 2, 60_000);
    await lab.until('n-static-1', (p) => isRunning(p) && p.metadata?.deletionTimestamp === undefined);
    await lab.during('n-static-1', 5_000, (p) => isRunning(p));
    assert.equal(await starts(), 2);
  });

  row('N-STATIC-3', async () => {
    const change = (more: Partial<Given>): Given => ({ containers: [patient('app')], ...more });
    const uids = new Set<string | undefined>();
    const versions = [
      change({}),
      change({ activeDeadlineSeconds: 1_000 }),
      change({ containers: [{ ...patient('app'), image: OTHER }] }),
      change({ initContainers: [brief('init')] }),
    ];
    for (const version of versions) {
      await lab.give('n-static-3', version);
      const pod = await lab.until('n-static-3', (p) => isTrue(p, 'Ready') && !uids.has(p.metadata?.uid));
      uids.add(pod.metadata?.uid);
      assert.equal(restartsOf(pod), 0);
    }
    assert.equal(uids.size, versions.length);
  });

  row('N-STATIC-6', async () => {
    const grace = 6;
    const version = (n: number, image: string): Given => ({
      terminationGracePeriodSeconds: grace,
      containers: [{ ...shell('app', `trap '' TERM`, note(`${n} start`), 'while :; do sleep 0.2; done'), image }],
    });
    await lab.give('n-static-6', version(1, BUSYBOX));
    const old = await lab.until('n-static-6', (p) => isRunning(p));
    await lab.untilNoted('n-static-6', '1 start');
    await lab.give('n-static-6', version(2, OTHER));
    await lab.untilNoted('n-static-6', '2 start');
    const pod = await lab.until('n-static-6', (p) => isRunning(p) && p.metadata?.uid !== old.metadata?.uid);
    assert.equal(imageOf(pod), OTHER);
    const events = lab.events('n-static-6');
    const killed = events.find((e) => e.reason === 'Killing' && e.podUid === old.metadata?.uid)?.firstTimestamp ?? '';
    const started = statusOf(pod, 'app')?.state?.running?.startedAt ?? '';
    assert.ok(Date.parse(started) - Date.parse(killed) >= (grace - 1) * 1000, `killed ${killed}, started ${started}`);
  });

  row('N-STATIC-7', async () => {
    const version = (image: string, n: number): Given => ({ containers: [{ ...patient(`v${n}`), image }] });
    for (let n = 0; n < EDITS; n++) {
      await lab.give('n-static-7', version(`localhost/bogus:${n}`, n));
      await sleep(BETWEEN_EDITS_MS);
    }
    await lab.give('n-static-7', version(BUSYBOX, EDITS));
    const pod = await lab.until('n-static-7', (p) => isTrue(p, 'Ready'));
    assert.ok(isRunning(pod, `v${EDITS}`));
    await lab.untilNoted('n-static-7', `v${EDITS} start`);
    await lab.during('n-static-7', 3_000, (p) => isRunning(p, `v${EDITS}`) && restartsOf(p, `v${EDITS}`) === 0);
    assert.deepEqual(await lab.story('n-static-7'), [`v${EDITS} start`]);
    const listed = (await lab.place.pods()).filter((p) => p.metadata?.name === 'n-static-7-node');
    assert.equal(listed.length, 1);
  });

  row('N-STATIC-9', async () => {
    const readinessProbe: Probe = { ...sh('test -e /tmp/ready'), periodSeconds: 1 };
    const app = shell('app', `trap 'exit 0' TERM`, 'echo hello', 'touch /tmp/ready', FOREVER);
    const resources = { limits: { memory: '30Mi' } };
    await lab.give('n-static-9', { containers: [{ ...app, readinessProbe, resources }] });
    const pod = await lab.until('n-static-9', (p) => isRunning(p) && isTrue(p, 'Ready'));
    const { namespace, name, uid } = pod.metadata ?? {};
    const log = await readFile(`/var/log/pods/${namespace}_${name}_${uid}/app/0.log`, 'utf8');
    assert.match(log, /^\S+ stdout F hello\n/);
  });

  row('N-STATIC-10', async () => {
    const version = (name: string): Given => ({
      hostNetwork: true,
      terminationGracePeriodSeconds: 10,
      containers: [{ ...server(name), ports: [{ containerPort: 4534, hostPort: 4534 }] }],
    });
    await lab.give('n-static-10', version('old'));
    await lab.until('n-static-10', (p) => isTrue(p, 'Ready'));
    await lab.give('n-static-10', version('new'));
    const pod = await lab.until('n-static-10', (p) => isTrue(p, 'Ready') && isRunning(p, 'new'));
    assert.equal(restartsOf(pod, 'new'), 0, 'the port was free when it started');
  });

  row('N-STATIC-15', async () => {
    const version = (namespace: string): Given => ({
      metadata: { namespace },
      hostNetwork: true,
      terminationGracePeriodSeconds: 10,
      containers: [{ ...server('app', 4535), ports: [{ containerPort: 4535, hostPort: 4535 }] }],
    });
    await lab.give('n-static-15', version('one'));
    await lab.until('n-static-15', (p) => isTrue(p, 'Ready'));
    await lab.give('n-static-15', version('two'));
    const isMoved = (p: Pod): boolean => p.metadata?.namespace === 'two' && isTrue(p, 'Ready');
    const pods = await lab.place.until((all) => {
      const mine = all.filter((p) => p.metadata?.name === 'n-static-15-node');
      return mine.length === 1 && mine.every(isMoved);
    });
    const pod = pods.find((p) => p.metadata?.name === 'n-static-15-node');
    assert.equal(restartsOf(pod ?? {}), 0);
  });

  row('N-STATIC-17', async () => {
    // Both want more than half of the machine: the second fits only when the first is over.
    const half = { requests: { memory: await overHalfOfMemory() } };
    await lab.give('n-static-17-done', { restartPolicy: 'Never', containers: [{ ...brief('app'), resources: half }] });
    await lab.until('n-static-17-done', (p) => p.status?.phase === 'Succeeded');
    await lab.give('n-static-17-next', { containers: [{ ...patient('app'), resources: half }] });
    await lab.until('n-static-17-next', (p) => isRunning(p));
  });
});

/** Listens on a port of the node, and fails when that is taken. */
function server(name: string, port = 4534): Container {
  return shell(name, `trap 'exit 0' TERM`, `httpd -f -p ${port} & server=$!`, 'wait $server');
}

async function overHalfOfMemory(): Promise<string> {
  const total = /^MemTotal: +([0-9]+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1] ?? '0';
  return `${Math.floor(Number(total) * 0.51)}Ki`;
}
