// A container that restarts all containers of its pod in place: N-RESTART-6 to 10 and N-STATIC-12 of the census.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Container, Pod } from '../../../src/api/kubernetes.ts';
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
  shell,
  sidecar,
  statusOf,
} from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

describe('restarts of all containers of a pod', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('restart-all');
  });
  after(() => lab.close());

  /** Waits for one round: each container has ended once and runs again, in the same sandbox. @returns the pod after it */
  async function round(name: string, pod: Given): Promise<Pod> {
    await lab.give(name, { restartPolicy: 'Never', ...pod });
    const all = [...(pod.initContainers ?? []), ...pod.containers].map((c) => c.name);
    const after = await lab.until(
      name,
      (p) => pod.containers.every((c) => isRunning(p, c.name)) && all.every((c) => restartsOf(p, c) > 0),
    );
    for (const c of all) assert.ok(statusOf(after, c)?.lastState?.terminated !== undefined, `${c} tells how it ended`);
    const addresses = lab.looks(name).flatMap((look) => look.pod?.status?.podIP ?? []);
    assert.equal(new Set(addresses).size, 1, `addresses: ${addresses}`);
    assert.ok(
      lab.looks(name).some((look) => look.pod !== undefined && isTrue(look.pod, 'AllContainersRestarting')),
      'the condition was seen',
    );
    assert.ok(!isTrue(after, 'AllContainersRestarting'));
    return after;
  }

  row('N-RESTART-6', async () => {
    const initContainers = [brief('init'), sidecar(patient('side'))];
    await round('n-restart-6', { initContainers, containers: [asking(once('source', 'other')), patient('other')] });
    const story = await lab.story('n-restart-6');
    const starts = story.filter((text) => text.endsWith(' start'));
    const order = ['init start', 'side start', 'source start', 'other start'];
    assert.deepEqual(starts, [...order, ...order], 'init containers come first, both times');
  });

  row('N-RESTART-7', async () => {
    const side = asking(sidecar(once('side', 'second')));
    await round('n-restart-7', {
      initContainers: [brief('init'), side],
      containers: [patient('first'), patient('second')],
    });
  });

  row('N-RESTART-8', async () => {
    const initContainers = [brief('first'), sidecar(patient('side')), asking(onceThenDone('second'))];
    await lab.give('n-restart-8', { restartPolicy: 'Never', initContainers, containers: [patient('app')] });
    const counts = (p: Pod): string => ['first', 'side', 'second', 'app'].map((c) => restartsOf(p, c)).join();
    await lab.until('n-restart-8', (p) => isRunning(p, 'app') && counts(p) === '1,1,1,0');
    assert.equal((await lab.story('n-restart-8')).filter((text) => text === 'app start').length, 1);
  });

  row('N-RESTART-9', async () => {
    const sources = ['first', 'second'].map((name) => asking(once(name, 'other')));
    await round('n-restart-9', { initContainers: [brief('init')], containers: [...sources, patient('other')] });
    await lab.during('n-restart-9', 5_000, (p) => isRunning(p, 'first') && restartsOf(p, 'other') === 1);
  });

  row('N-RESTART-10', async () => {
    // Ends with 1 at first, which is an ordinary restart, then asks, then stays.
    const script = [
      'n=$(cat /notes/n 2>/dev/null || echo 0); echo $((n + 1)) >/notes/n',
      'case $n in 0) exit 1;; 1) until grep -q "other start" /notes/notes; do sleep 0.2; done; exit 42;; esac',
    ];
    const source = asking(shell('source', `trap 'exit 0' TERM`, ...script, FOREVER), 'OnFailure');
    await lab.give('n-restart-10', { initContainers: [brief('init')], containers: [source, patient('other')] });
    const counts = (p: Pod): string => ['init', 'source', 'other'].map((c) => restartsOf(p, c)).join();
    await lab.until('n-restart-10', (p) => isRunning(p, 'source') && counts(p) === '1,2,1');
  });

  row('N-STATIC-12', async () => {
    const initContainers = ['init1', 'init2'].map((name) => brief(name));
    const pod = {
      restartPolicy: 'Always',
      initContainers,
      containers: [asking(once('source', 'other')), patient('other')],
    };
    await round('n-static-12', pod);
  });
});

/** Ends with 42 in its first run, when another container has started, and stays in the second. */
function once(name: string, other: string): Container {
  const isThere = `until grep -q '${other} start' /notes/notes; do sleep 0.2; done`;
  const first = `[ -e /notes/${name} ] || { touch /notes/${name}; ${isThere}; exit 42; }`;
  return shell(name, `trap 'exit 0' TERM`, note(`${name} start`), first, FOREVER);
}

/** The same for an init container, which has to come to its end. */
function onceThenDone(name: string): Container {
  return shell(name, note(`${name} start`), `[ -e /notes/${name} ] || { touch /notes/${name}; exit 42; }`);
}

function asking(container: Container, restartPolicy = 'Never'): Container {
  const exitCodes = { operator: 'In', values: [42] };
  return { restartPolicy, ...container, restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes }] };
}
