import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import { fakeRunner, noteFor, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { withRunner } from './runCli.ts';

const PLAIN = runningPod('web');
const POD: Pod = {
  ...PLAIN,
  metadata: { ...PLAIN.metadata, labels: { app: 'web', tier: 'front' } },
  spec: {
    ...PLAIN.spec,
    initContainers: [{ name: 'setup', image: 'busybox' }],
    containers: [
      {
        name: 'app',
        image: 'nginx',
        ports: [
          { containerPort: 80, hostPort: 8080, protocol: 'TCP' },
          { containerPort: 53, protocol: 'UDP' },
        ],
        livenessProbe: { httpGet: { port: 80, path: '/healthz' }, periodSeconds: 5 },
        readinessProbe: { exec: { command: ['test', '-f', '/ready'] } },
      },
    ],
  },
  status: {
    ...PLAIN.status,
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'ContainersNotReady',
        message: 'containers with unready status: [app]',
      },
    ],
    initContainerStatuses: [
      {
        name: 'setup',
        image: 'busybox',
        imageID: '',
        ready: true,
        restartCount: 0,
        state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: '2026-01-02T03:00:01Z' } },
      },
    ],
    containerStatuses: [
      {
        name: 'app',
        image: 'nginx',
        imageID: 'sha256:1',
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
        lastState: {
          terminated: {
            containerID: 'containerd://app',
            exitCode: 137,
            reason: 'OOMKilled',
            signal: 9,
            finishedAt: '2026-01-02T03:04:30Z',
            message: 'bad\u001b[0m',
          },
        },
      },
    ],
  },
};

const EVENT = {
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  pod: 'default/web-node1',
} as const;

test('status POD shows one pod in full', async () => {
  const notes = noteFor(POD, {
    display: 'CrashLoopBackOff',
    waitingFor: 'back-off before restart 4',
    nextTryAt: '2026-01-02T03:05:30Z',
    ignoredFields: ['spec.serviceAccountName'],
  });
  const events = [
    {
      ...EVENT,
      podUid: 'uid-web',
      fieldPath: 'spec.containers{app}',
      count: 3,
      firstTimestamp: '2026-01-02T03:03:00Z',
      lastTimestamp: '2026-01-02T03:04:40Z',
    },
    {
      ...EVENT,
      podUid: 'other',
      count: 1,
      firstTimestamp: '2026-01-02T03:04:40Z',
      lastTimestamp: '2026-01-02T03:04:40Z',
    },
  ];
  await withRunner(fakeRunner({ pods: [POD], notes, events }), async ({ run }) => {
    const { code, out } = await run('status', 'web');
    assert.equal(code, 0);
    assert.equal(
      out,
      `Waiting 30s before restart 4 of container "app", because it used more memory than its limit and was killed (OOMKilled).

Name:            web-node1
Namespace:       default
UID:             uid-web
Status:          CrashLoopBackOff (phase Running)
Waiting for:     back-off before restart 4 (next try in 30s)
Node:            node1/192.0.2.1
IP:              10.88.0.5
Start time:      2026-01-02T03:00:00Z (5m ago)
QoS class:       BestEffort
Labels:          app=web, tier=front
Manifest:        /etc/solopod/manifests/web.yaml:1
Ignored fields:  spec.serviceAccountName

Conditions:
  TYPE    STATUS   REASON
  Ready   False    ContainersNotReady: containers with unready status: [app]

Init containers:
  setup:
    Image:     busybox
    State:     Terminated (Completed, exit code 0, 4m59s ago)
    Ready:     yes
    Restarts:  0

Containers:
  app:
    Image:       nginx
    Image ID:    sha256:1
    State:       Waiting (CrashLoopBackOff): back-off 40s restarting failed container
    Last state:  Terminated (OOMKilled, exit code 137, signal 9, 30s ago): bad\\u001b[0m
    Ready:       no
    Restarts:    3
    Ports:       80/TCP (host port 8080), 53/UDP
    Liveness:    http-get http://:80/healthz delay=0s timeout=1s period=5s #success=1 #failure=3
    Readiness:   exec [test -f /ready] delay=0s timeout=1s period=10s #success=1 #failure=3

Events:
  TYPE      REASON    AGE                ABOUT                  MESSAGE
  Warning   BackOff   20s (x3 over 2m)   spec.containers{app}   Back-off restarting failed container
`,
    );
  });
});

test('status POD shows what probes were answered', async () => {
  const at = '2026-01-02T03:04:56Z';
  const probes = [
    { container: 'app', type: 'liveness', result: 'failure', output: 'statuscode: 500\n', at, inARow: 3 },
    { container: 'app', type: 'readiness', result: 'error', output: 'no runtime', at, inARow: 1 },
    { container: 'other', type: 'readiness', result: 'success', output: '', at, inARow: 1 },
  ] as const;
  await withRunner(fakeRunner({ pods: [POD], notes: noteFor(POD, { probes }) }), async ({ run }) => {
    const { out } = await run('status', 'web');
    const answers = out.split('\n').filter((line) => line.includes('Last answer'));
    assert.deepEqual(
      answers.map((line) => line.trim().replace(/ +/g, ' ')),
      ['Last answer: failure, 3 in a row, 4s ago: statuscode: 500', 'Last answer: error, 4s ago: no runtime'],
    );
  });
});

test('status POD shows the last log lines of a container that failed, and of no other', async () => {
  await withDirectory(async (podLogsDir) => {
    const runner = fakeRunner({ pods: [POD], notes: noteFor(POD) });
    const containers = [];
    for (const name of ['app', 'setup']) {
      const logPath = join(podLogsDir, 'default_web-node1_uid-web', name, '3.log');
      await mkdir(join(logPath, '..'), { recursive: true });
      const lines = Array.from({ length: 30 }, (_, i) => `2026-01-02T03:04:05Z stderr F ${name} ${i}\u001b[2J\n`);
      await writeFile(logPath, lines.join(''));
      containers.push({ id: name, name, attempt: 3, isRunning: false, logPath });
    }
    runner.held.set('uid-web', { sandboxId: 's', containers });
    const body: Parameters<typeof withRunner>[1] = async ({ run }) => {
      const { out } = await run('status', 'web');
      const shown = out.split('    Last log lines before it failed:\n')[1]?.split('\n\n')[0]?.trimEnd();
      assert.equal(shown, Array.from({ length: 10 }, (_, i) => `      app ${20 + i}\\u001b[2J`).join('\n'));
      assert.ok(!out.includes('setup 29'));
    };
    await withRunner(runner, body, { logs: createContainerLogs({ podLogsDir }) });
  });
});
