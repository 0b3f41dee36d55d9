// Probes of sidecars: N-SIDEPROBE of the census. Beside each sidecar runs an app container that nothing may touch.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Container, Pod, Probe } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import {
  FOREVER,
  isRunning,
  isTrue,
  Lab,
  patient,
  restartsOf,
  sh,
  shell,
  sidecar,
  statusOf,
  stubbornOnce,
} from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';
import { healthServer, pageServer, redirectServer } from '../../support/servers.ts';

describe('probes of sidecars', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('sidecar-probes');
  });
  after(() => lab.close());

  async function probed(name: string, container: Container, grace = 2): Promise<void> {
    const initContainers = [sidecar({ ...container, name: 'side' })];
    await lab.give(name, { initContainers, containers: [patient('app')], terminationGracePeriodSeconds: grace });
  }

  /** The sidecar is restarted, the app container is not. */
  async function restarted(name: string, times = 1): Promise<void> {
    await lab.until(name, (pod) => restartsOf(pod, 'side') >= times);
    lab.always(name, (pod) => restartsOf(pod, 'app') === 0);
  }

  async function leftAlone(name: string, holds: (pod: Pod) => boolean = () => true): Promise<void> {
    await lab.until(name, (pod) => isRunning(pod, 'side') && isRunning(pod, 'app'));
    await lab.during(
      name,
      12_000,
      (pod) => restartsOf(pod, 'side') === 0 && restartsOf(pod, 'app') === 0 && isRunning(pod, 'side') && holds(pod),
    );
  }

  row('N-SIDEPROBE-1', async () => {
    const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: 5, periodSeconds: 1 };
    await probed('s1-delay', { ...pageServer(80), readinessProbe });
    await probed('s1-fail', { ...pageServer(80), readinessProbe: { httpGet: { port: 81 }, periodSeconds: 1 } });
    const [pod] = await Promise.all([
      lab.until('s1-delay', (p) => isTrue(p, 'Ready')),
      leftAlone('s1-fail', (p) => !isTrue(p, 'Ready') && statusOf(p, 'side')?.ready === false),
    ]);
    const started = Date.parse(statusOf(pod, 'side')?.state?.running?.startedAt ?? '');
    const ready = pod.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime ?? '';
    assert.ok(Date.parse(ready) - started >= 5_000);
    assert.equal(lab.pod('s1-fail')?.status?.phase, 'Running');
  });

  row('N-SIDEPROBE-2', async () => {
    const livenessProbe = every({ ...sh('cat /tmp/health') }, 1);
    await probed('s2-fail', { ...shell('side', 'touch /tmp/health; sleep 4; rm /tmp/health', FOREVER), livenessProbe });
    await probed('s2-stay', {
      ...shell('side', 'touch /tmp/health', FOREVER),
      livenessProbe: forgiving(livenessProbe),
    });
    await Promise.all([restarted('s2-fail'), leftAlone('s2-stay')]);
  });

  row('N-SIDEPROBE-3', async () => {
    await probed('s3-fail', { ...pageServer(8080), livenessProbe: healthz('/cgi-bin/healthz') });
    await probed('s3-tcp', { ...pageServer(8080), livenessProbe: forgiving({ tcpSocket: { port: 8080 } }) });
    await probed('s3-stay', { ...pageServer(8080), livenessProbe: forgiving(healthz('/')) });
    await Promise.all([restarted('s3-fail', 3), leftAlone('s3-tcp'), leftAlone('s3-stay')]);
    const counts = lab.looks('s3-fail').map(({ pod }) => (pod === undefined ? 0 : restartsOf(pod, 'side')));
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
  });

  row('N-SIDEPROBE-4', async () => {
    await probed('s4-live', { ...patient('side'), livenessProbe: { ...every(sh('sleep 10')), timeoutSeconds: 1 } });
    await probed('s4-ready', { ...patient('side'), readinessProbe: { ...every(sh('sleep 10')), timeoutSeconds: 1 } });
    await Promise.all([restarted('s4-live'), leftAlone('s4-ready', (pod) => !isTrue(pod, 'Ready'))]);
  });

  row('N-SIDEPROBE-5', async () => {
    const livenessProbe = healthz('/cgi-bin/redirect');
    await probed('s5-same', { ...redirectServer(8080, '/cgi-bin/healthz'), livenessProbe });
    await probed('s5-other', { ...redirectServer(8080, 'http://0.0.0.0/'), livenessProbe: forgiving(livenessProbe) });
    await Promise.all([restarted('s5-same'), leftAlone('s5-other')]);
    assert.ok(lab.events('s5-other').some((e) => e.reason === 'ProbeWarning' && e.message.includes('0.0.0.0')));
  });

  row('N-SIDEPROBE-6', async () => {
    const no = sh('exit 1');
    const later = shell('side', 'sleep 4; touch /tmp/started', FOREVER);
    const startupProbe = every(sh('test -e /tmp/started'), 0, 60);
    await probed('s6-fail', { ...patient('side'), startupProbe: every(no, 1, 3) });
    await probed('s6-shield', { ...patient('side'), startupProbe: every(no, 0, 60), livenessProbe: every(no) });
    await probed('s6-live', { ...later, startupProbe, livenessProbe: every(no) });
    await probed('s6-ready', { ...later, startupProbe, readinessProbe: { ...sh('true'), periodSeconds: 3_600 } });
    await Promise.all([
      lab.until('s6-fail', (pod) => restartsOf(pod, 'side') >= 1),
      lab.until('s6-live', (pod) => restartsOf(pod, 'side') >= 1),
      lab.until('s6-ready', (pod) => isTrue(pod, 'Ready')),
      (async () => {
        await lab.until('s6-shield', (pod) => isRunning(pod, 'side'));
        await lab.during('s6-shield', 12_000, (pod) => restartsOf(pod, 'side') === 0);
      })(),
    ]);
    for (const name of ['s6-fail', 's6-shield']) lab.always(name, (pod) => !isRunning(pod, 'app'));
    lab.always('s6-ready', (pod) => !isRunning(pod, 'app') || statusOf(pod, 'side')?.started === true);
  });

  row('N-SIDEPROBE-7', async () => {
    const probe = { ...every(sh('test -e /tmp/well'), 1), terminationGracePeriodSeconds: 3 };
    await probed('s7-live', { ...stubbornOnce('side'), livenessProbe: probe }, 500);
    await probed('s7-startup', { ...stubbornOnce('side'), startupProbe: probe }, 500);
    const killed = (pod: Pod): boolean => statusOf(pod, 'side')?.lastState?.terminated?.exitCode === 137;
    await Promise.all([lab.until('s7-live', killed), lab.until('s7-startup', killed)]);
  });

  row('N-SIDEPROBE-8', async () => {
    const test = every(sh('test ! -e /tmp/ending'));
    const lifecycle = { preStop: sh('touch /tmp/ending; until [ -e /notes/seen ]; do sleep 0.2; done') };
    await probed('s8-ready', { ...patient('side'), readinessProbe: test, lifecycle }, 120);
    await probed(
      's8-live',
      { ...patient('side'), livenessProbe: test, lifecycle: { preStop: sh('touch /tmp/ending; sleep 8') } },
      60,
    );
    await lab.until('s8-ready', (pod) => isTrue(pod, 'Ready'));
    await lab.until('s8-live', (pod) => isRunning(pod));
    await Promise.all([lab.take('s8-ready'), lab.take('s8-live')]);
    await lab.until('s8-ready', (pod) => isRunning(pod, 'side') && !isTrue(pod, 'Ready'));
    await lab.signal('s8-ready', 'seen');
    await lab.untilGone('s8-live');
    const starts = (await lab.story('s8-live')).filter((text) => text === 'side start');
    assert.equal(starts.length, 1);
  });

  row('N-SIDEPROBE-9', async () => {
    await probed('s9', { ...healthServer(5000), livenessProbe: forgiving({ grpc: { port: 5000 } }) });
    await leftAlone('s9');
  });
});

function every(probe: Probe, initialDelaySeconds = 0, failureThreshold = 1): Probe {
  return { ...probe, periodSeconds: 1, failureThreshold, initialDelaySeconds };
}

/** For what has to stay well: it has time to come up, and fails when it is unwell for longer. */
function forgiving(probe: Probe): Probe {
  return { ...probe, initialDelaySeconds: 5, periodSeconds: 1, failureThreshold: 4 };
}

function healthz(path: string): Probe {
  return { ...every({ httpGet: { path, port: 8080 } }, 1), timeoutSeconds: 5 };
}
