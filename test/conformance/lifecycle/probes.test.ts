// Probes of app containers: PROBE and N-PROBE of the census. Pages, ports and commands are served by busybox.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Container, Probe } from '../../../src/api/kubernetes.ts';
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
  statusOf,
  stubbornOnce,
} from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';
import { healthServer, pageServer, redirectServer } from '../../support/servers.ts';

describe('probes of app containers', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('probes');
  });
  after(() => lab.close());

  async function probed(name: string, container: Container, more: { grace?: number } = {}): Promise<void> {
    await lab.give(name, {
      containers: [{ ...container, name: 'app' }],
      ...(more.grace === undefined ? {} : { terminationGracePeriodSeconds: more.grace }),
    });
  }

  const restarted = (name: string) => lab.until(name, (pod) => restartsOf(pod) >= 1);

  /** Runs for a while after it has come up, without a restart. */
  async function leftAlone(name: string, ms = 15_000): Promise<void> {
    await lab.until(name, (pod) => isRunning(pod));
    await lab.during(name, ms, (pod) => restartsOf(pod) === 0 && isRunning(pod));
  }

  row('PROBE-1', async () => {
    const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 6, periodSeconds: 1 };
    await probed('probe-1', { ...pageServer(80), readinessProbe });
    const pod = await lab.until('probe-1', (p) => isTrue(p, 'Ready'));
    const ready = pod.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime ?? '';
    const started = statusOf(pod, 'app')?.state?.running?.startedAt ?? '';
    assert.ok(Date.parse(ready) - Date.parse(started) >= 6_000, `ready at ${ready}, started at ${started}`);
    assert.equal(restartsOf(pod), 0);
  });

  row('PROBE-2', async () => {
    await probed('probe-2', {
      ...pageServer(80),
      readinessProbe: { httpGet: { path: '/', port: 81 }, periodSeconds: 1 },
    });
    await lab.until('probe-2', (pod) => isRunning(pod));
    await lab.during('probe-2', 20_000, (pod) => !isTrue(pod, 'Ready') && restartsOf(pod) === 0);
    assert.equal(lab.pod('probe-2')?.status?.phase, 'Running');
  });

  row('PROBE-3', async () => {
    const container = shell('app', 'touch /tmp/health', 'sleep 4', 'rm /tmp/health', FOREVER);
    await probed('probe-3', { ...container, livenessProbe: { ...catHealth(), initialDelaySeconds: 1 } });
    await restarted('probe-3');
    neverFalls('probe-3');
  });

  row('PROBE-4', async () => {
    const container = shell('app', 'touch /tmp/health', FOREVER);
    await probed('probe-4', { ...container, livenessProbe: forgiving(catHealth()) });
    await leftAlone('probe-4');
  });

  row('PROBE-5', async () => {
    await probed('probe-5', { ...pageServer(8080), livenessProbe: healthz() });
    await restarted('probe-5');
  });

  row('PROBE-6', async () => {
    const livenessProbe = forgiving({ tcpSocket: { port: 8080 } });
    await probed('probe-6', { ...pageServer(8080), livenessProbe });
    await leftAlone('probe-6');
  });

  row('PROBE-7', async () => {
    await probed('probe-7', { ...pageServer(8080), livenessProbe: healthz() });
    await lab.until('probe-7', (pod) => restartsOf(pod) >= 5, 120_000);
    neverFalls('probe-7');
  });

  row('PROBE-8', async () => {
    const livenessProbe = forgiving({ httpGet: { path: '/', port: 80 } });
    await probed('probe-8', { ...pageServer(80), livenessProbe });
    await leftAlone('probe-8');
  });

  row('N-PROBE-1', async () => {
    const livenessProbe = { ...sh('sleep 10'), timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 1 };
    await probed('n-probe-1', { ...patient('app'), livenessProbe });
    await restarted('n-probe-1');
    assert.ok(lab.events('n-probe-1').some((e) => /Liveness probe failed: .*timed out/.test(e.message)));
  });

  row('N-PROBE-2', async () => {
    await probed('n-probe-2', {
      ...patient('app'),
      readinessProbe: { ...sh('sleep 10'), timeoutSeconds: 1, periodSeconds: 1 },
    });
    await lab.until('n-probe-2', (pod) => isRunning(pod));
    await lab.during('n-probe-2', 20_000, (pod) => !isTrue(pod, 'Ready') && restartsOf(pod) === 0);
  });

  row('N-PROBE-3', async () => {
    const livenessProbe = { ...sh('sleep 10 & exit 1'), timeoutSeconds: 1, periodSeconds: 1, failureThreshold: 1 };
    await probed('n-probe-3', { ...patient('app'), livenessProbe });
    await restarted('n-probe-3');
  });

  row('N-PROBE-4', async () => {
    await probed('n-probe-4', {
      ...redirectServer(8080, '/cgi-bin/healthz'),
      livenessProbe: healthz('/cgi-bin/redirect'),
    });
    await restarted('n-probe-4');
  });

  row('N-PROBE-5', async () => {
    await probed('n-probe-5', {
      ...redirectServer(8080, 'http://0.0.0.0/'),
      livenessProbe: forgiving(healthz('/cgi-bin/redirect')),
    });
    await leftAlone('n-probe-5');
    const warning = lab.events('n-probe-5').find((e) => e.reason === 'ProbeWarning');
    assert.match(warning?.message ?? '', /Liveness probe warning: .*0\.0\.0\.0/);
  });

  row('N-PROBE-6', async () => {
    const startupProbe = { ...sh('exit 1'), periodSeconds: 1, failureThreshold: 3, initialDelaySeconds: 1 };
    await probed('n-probe-6', { ...patient('app'), startupProbe, livenessProbe: sh('true') });
    await restarted('n-probe-6');
    const killing = lab.events('n-probe-6').find((e) => e.reason === 'Killing');
    assert.equal(killing?.message, 'Container app failed startup probe, will be restarted');
  });

  row('N-PROBE-7', async () => {
    const startupProbe = { ...sh('exit 1'), periodSeconds: 1, failureThreshold: 60 };
    await probed('n-probe-7', {
      ...patient('app'),
      startupProbe,
      livenessProbe: { ...sh('exit 1'), periodSeconds: 1 },
    });
    await leftAlone('n-probe-7');
    assert.ok(!lab.events('n-probe-7').some((e) => e.message.startsWith('Liveness')));
  });

  row('N-PROBE-8', async () => {
    const startupProbe = { ...sh('test -e /tmp/started'), periodSeconds: 1, failureThreshold: 60 };
    const livenessProbe = { ...sh('exit 1'), periodSeconds: 1, failureThreshold: 1 };
    const container = shell('app', 'sleep 4', 'touch /tmp/started', FOREVER);
    await probed('n-probe-8', { ...container, startupProbe, livenessProbe });
    const pod = await restarted('n-probe-8');
    const last = statusOf(pod, 'app')?.lastState?.terminated;
    if (last !== undefined) assert.ok(Date.parse(last.finishedAt ?? '') - Date.parse(last.startedAt ?? '') >= 3_000);
  });

  row('N-PROBE-9', async () => {
    const startupProbe = { ...sh('test -e /tmp/started'), periodSeconds: 1, failureThreshold: 60 };
    const container = shell('app', 'sleep 6', 'touch /tmp/started', FOREVER);
    await probed('n-probe-9', { ...container, startupProbe, readinessProbe: { ...sh('true'), periodSeconds: 1 } });
    const pod = await lab.until('n-probe-9', (p) => statusOf(p, 'app')?.ready === true);
    const started = Date.parse(statusOf(pod, 'app')?.state?.running?.startedAt ?? '');
    const ready = pod.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime ?? '';
    assert.ok(Date.parse(ready) - started >= 6_000);
    lab.always('n-probe-9', (p) => statusOf(p, 'app')?.ready !== true || statusOf(p, 'app')?.started === true);
  });

  row('N-PROBE-10', async () => {
    const startupProbe = { ...sh('test -e /tmp/started'), periodSeconds: 1, failureThreshold: 60 };
    const container = shell('app', 'sleep 4', 'touch /tmp/started', FOREVER);
    const readinessProbe = { ...sh('true'), periodSeconds: 3_600, initialDelaySeconds: 1 };
    await probed('n-probe-10', { ...container, startupProbe, readinessProbe });
    await lab.until('n-probe-10', (p) => statusOf(p, 'app')?.started === true);
    // Far sooner than its period.
    await lab.until('n-probe-10', (p) => isTrue(p, 'Ready'), 100_000);
  });

  for (const [id, type] of [
    ['N-PROBE-11', 'livenessProbe'],
    ['N-PROBE-12', 'startupProbe'],
  ] as const) {
    row(id, async () => {
      const well = { ...sh('test -e /tmp/well'), periodSeconds: 1, failureThreshold: 1, initialDelaySeconds: 1 };
      const probe: Probe = { ...well, terminationGracePeriodSeconds: 3 };
      await probed(id.toLowerCase(), { ...stubbornOnce('app'), [type]: probe }, { grace: 500 });
      const pod = await lab.until(id.toLowerCase(), (p) => statusOf(p, 'app')?.lastState?.terminated !== undefined);
      assert.equal(statusOf(pod, 'app')?.lastState?.terminated?.exitCode, 137);
    });
  }

  row('N-PROBE-13', async () => {
    const container = { ...shell('app', 'touch /tmp/ready', FOREVER), readinessProbe: { ...catFile('/tmp/ready') } };
    const preStop = sh('rm /tmp/ready; until [ -e /notes/seen ]; do sleep 0.2; done');
    await probed('n-probe-13', { ...container, lifecycle: { preStop } }, { grace: 120 });
    await lab.until('n-probe-13', (p) => isTrue(p, 'Ready'));
    await lab.take('n-probe-13');
    await lab.until('n-probe-13', (p) => isRunning(p) && !isTrue(p, 'Ready'));
    await lab.signal('n-probe-13', 'seen');
  });

  row('N-PROBE-14', async () => {
    const livenessProbe = { ...sh('test ! -e /tmp/ending'), periodSeconds: 1, failureThreshold: 1 };
    const preStop = sh('touch /tmp/ending; sleep 10');
    await probed('n-probe-14', { ...patient('app'), livenessProbe, lifecycle: { preStop } }, { grace: 30 });
    await lab.until('n-probe-14', (p) => isRunning(p));
    await lab.take('n-probe-14');
    await lab.untilGone('n-probe-14');
    assert.ok(!lab.events('n-probe-14').some((e) => e.reason === 'Unhealthy'));
    assert.deepEqual(await lab.story('n-probe-14'), ['app start', 'app term', 'app exit']);
  });

  row('N-PROBE-15', async () => {
    await probed('n-probe-15', {
      ...healthServer(5000),
      livenessProbe: forgiving({ grpc: { port: 5000 } }),
    });
    await leftAlone('n-probe-15');
    assert.ok(!lab.events('n-probe-15').some((e) => e.reason === 'Killing'));
  });

  row('N-PROBE-16', async () => {
    const livenessProbe = { grpc: { port: 2333 }, periodSeconds: 1, initialDelaySeconds: 2, failureThreshold: 1 };
    await probed('n-probe-16', { ...patient('app'), livenessProbe });
    await restarted('n-probe-16');
    await lab.until('n-probe-16', (p) => statusOf(p, 'app')?.lastState?.terminated !== undefined);
  });

  function neverFalls(name: string): void {
    const counts = lab.looks(name).map(({ pod }) => (pod === undefined ? 0 : restartsOf(pod)));
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
  }
});

/** For what has to stay well: it has time to come up, and fails when it is unwell for longer. */
function forgiving(probe: Probe): Probe {
  return { ...probe, initialDelaySeconds: 5, periodSeconds: 1, failureThreshold: 4 };
}

function catFile(file: string): Probe {
  return { ...sh(`cat ${file}`), periodSeconds: 1, failureThreshold: 1 };
}

function catHealth(): Probe {
  return { ...catFile('/tmp/health'), timeoutSeconds: 5 };
}

function healthz(path = '/cgi-bin/healthz'): Probe {
  return {
    httpGet: { path, port: 8080 },
    initialDelaySeconds: 1,
    periodSeconds: 1,
    failureThreshold: 1,
    timeoutSeconds: 5,
  };
}
