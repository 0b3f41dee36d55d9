// What follows when a container ends, or cannot begin: RUNT and N-RESTART of the census.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Container, ContainerRestartRule, Pod } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { brief, FOREVER, isRunning, isTrue, Lab, patient, restartsOf, shell, statusOf } from '../../support/lab.ts';
import { startRegistry } from '../../support/registry.ts';
import { rowsOf } from '../../support/rows.ts';

describe('exits and failed starts', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('exits');
  });
  after(() => lab.close());

  const OUTCOMES = [
    { policy: 'Always', restarts: 2, phase: 'Running', ready: true, state: 'running' },
    { policy: 'OnFailure', restarts: 1, phase: 'Succeeded', ready: false, state: 'terminated' },
    { policy: 'Never', restarts: 0, phase: 'Failed', ready: false, state: 'terminated' },
  ] as const;

  row('RUNT-1', async () => {
    await Promise.all(
      OUTCOMES.map(async ({ policy, ...wanted }) => {
        const name = `runt-1-${policy.toLowerCase()}`;
        const script = 'echo run >>/counts/runs; n=$(wc -l </counts/runs); [ $n -ge 3 ] || exit $((n % 2))';
        const app = { ...shell('app', script, FOREVER), volumeMounts: [{ name: 'counts', mountPath: '/counts' }] };
        const volumes = [{ name: 'counts', emptyDir: { medium: 'Memory' } }];
        await lab.give(name, { restartPolicy: policy, containers: [app], volumes });
        await lab.until(name, (pod) => JSON.stringify(outcomeOf(pod)) === JSON.stringify(wanted));
        await lab.take(name);
        await lab.untilGone(name);
      }),
    );
  });

  /** Runs once and tells how it ended. */
  async function ended(name: string, app: Partial<Container>): Promise<readonly unknown[]> {
    await lab.give(name, { restartPolicy: 'Never', containers: [{ name: 'app', ...app }] });
    const pod = await lab.until(name, (p) => p.status?.phase === 'Succeeded' || p.status?.phase === 'Failed');
    return [pod.status?.phase, statusOf(pod, 'app')?.state?.terminated?.message];
  }

  row('RUNT-2', async () => {
    const app = { ...shell('app', 'printf DONE > /dev/termination-log'), securityContext: { runAsUser: 0 } };
    assert.deepEqual(await ended('runt-2', { ...app, terminationMessagePath: '/dev/termination-log' }), [
      'Succeeded',
      'DONE',
    ]);
  });

  row('RUNT-3', async () => {
    const terminationMessagePath = '/dev/termination-custom-log';
    const app = { ...shell('app', `printf DONE > ${terminationMessagePath}`), securityContext: { runAsUser: 10000 } };
    assert.deepEqual(await ended('runt-3', { ...app, terminationMessagePath }), ['Succeeded', 'DONE']);
  });

  const terminationMessagePolicy = 'FallbackToLogsOnError';

  row('RUNT-4', async () => {
    const app = shell('app', 'printf DONE; exit 1');
    assert.deepEqual(await ended('runt-4', { ...app, terminationMessagePolicy }), ['Failed', 'DONE']);
  });

  row('RUNT-5', async () => {
    const app = shell('app', 'printf DONE; exit 0');
    assert.deepEqual(await ended('runt-5', { ...app, terminationMessagePolicy }), ['Succeeded', undefined]);
  });

  row('RUNT-6', async () => {
    const app = shell('app', 'printf OK > /dev/termination-log; printf DONE; exit 0');
    assert.deepEqual(await ended('runt-6', { ...app, terminationMessagePolicy }), ['Succeeded', 'OK']);
  });

  row('RUNT-7', async () => {
    await lab.give('runt-7', {
      containers: [{ name: 'app', image: '127.0.0.1:1/none/none:1', imagePullPolicy: 'Always' }],
    });
    await untilPullFails('runt-7');
  });

  row('RUNT-8', async () => {
    await using registry = await startRegistry();
    const image = `${registry.host}/free/busybox:1`;
    await lab.give('runt-8', { containers: [{ ...patient('app'), image, imagePullPolicy: 'Always' }] });
    await lab.until('runt-8', (pod) => isRunning(pod));
    const pulled = lab.events('runt-8').find((e) => e.reason === 'Pulled');
    assert.match(pulled?.message ?? '', /^Successfully pulled image ".*\/free\/busybox:1" in /);
  });

  row('RUNT-9', async () => {
    await using registry = await startRegistry();
    const image = `${registry.host}/private/busybox:1`;
    await lab.give('runt-9', { containers: [{ ...patient('app'), image, imagePullPolicy: 'Always' }] });
    await untilPullFails('runt-9');
  });

  async function untilPullFails(name: string): Promise<void> {
    const reasons = new Set(['ErrImagePull', 'ImagePullBackOff']);
    const pod = await lab.until(name, (p) => reasons.has(statusOf(p, 'app')?.state?.waiting?.reason ?? ''));
    assert.equal(pod.status?.phase, 'Pending');
  }

  const ON_42: readonly ContainerRestartRule[] = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];

  row('N-RESTART-1', async () => {
    const app = { ...brief('app', { code: 42 }), restartPolicy: 'Never', restartPolicyRules: ON_42 };
    await lab.give('n-restart-1', { restartPolicy: 'Never', containers: [app] });
    await lab.until('n-restart-1', (pod) => restartsOf(pod) >= 2);
  });

  row('N-RESTART-2', async () => {
    const app = { ...brief('app', { code: 1 }), restartPolicy: 'Never', restartPolicyRules: ON_42 };
    await lab.give('n-restart-2', { restartPolicy: 'Never', containers: [app] });
    const pod = await lab.until('n-restart-2', (p) => p.status?.phase === 'Failed');
    assert.equal(restartsOf(pod), 0);
  });

  row('N-RESTART-3', async () => {
    const never = (name: string, code: number) => ({ ...brief(name, { code }), restartPolicy: 'Never' });
    await lab.give('n-restart-3', { containers: [never('good', 0), never('bad', 1), patient('other')] });
    const hasEnded = (pod: Pod, name: string): boolean => statusOf(pod, name)?.state?.terminated !== undefined;
    await lab.until('n-restart-3', (pod) => hasEnded(pod, 'good') && hasEnded(pod, 'bad') && isRunning(pod, 'other'));
    await lab.during('n-restart-3', 4_000, (pod) => restartsOf(pod, 'good') + restartsOf(pod, 'bad') === 0);
  });

  row('N-RESTART-4', async () => {
    const app = { ...brief('app', { code: 1 }), restartPolicy: 'Always' };
    await lab.give('n-restart-4', { restartPolicy: 'Never', containers: [app] });
    await lab.until('n-restart-4', (pod) => restartsOf(pod) >= 2);
    lab.always('n-restart-4', (pod) => pod.status?.phase !== 'Failed');
  });

  row('N-RESTART-5', async () => {
    await lab.give('n-restart-5', { containers: [brief('app')] });
    await lab.until('n-restart-5', (pod) => restartsOf(pod) >= 2);
  });
});

function outcomeOf(pod: Pod): object {
  const status = statusOf(pod, 'app');
  const [state] = Object.keys(status?.state ?? {});
  return { restarts: status?.restartCount, phase: pod.status?.phase, ready: isTrue(pod, 'Ready'), state };
}
