import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import { fakeRunner, noteFor, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { withRunner } from './runCli.ts';

test('describe begins with the reason and ends with what the failing container wrote last', () =>
  withDirectory(async (podLogsDir) => {
    const logPath = join(podLogsDir, 'default_web-node1_uid-web', 'app', '0.log');
    await mkdir(dirname(logPath), { recursive: true });
    const lines = Array.from({ length: 12 }, (_, i) => `2026-01-02T03:04:05Z stderr F line ${i}\u001b[2J\n`);
    await writeFile(logPath, lines.join(''));
    const plain = runningPod('web');
    const [container] = plain.spec?.containers ?? [];
    const [status] = plain.status?.containerStatuses ?? [];
    assert.ok(container !== undefined && status !== undefined);
    const pod: Pod = {
      ...plain,
      spec: {
        containers: [
          {
            ...container,
            livenessProbe: { tcpSocket: { port: 80 } },
            volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
          },
        ],
        volumes: [
          { name: 'data', hostPath: { path: '/srv', type: 'Directory' } },
          { name: 'key', secret: { secretName: 'tls', optional: true } },
          { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        ],
      },
      status: {
        ...plain.status,
        phase: 'Failed',
        containerStatuses: [
          {
            ...status,
            ready: false,
            state: {
              terminated: { exitCode: 2, containerID: 'containerd://web-0', finishedAt: '2026-01-02T03:04:00Z' },
            },
          },
        ],
      },
    };
    const probes = [
      {
        container: 'app',
        type: 'liveness',
        result: 'failure',
        inARow: 3,
        output: 'refused',
        at: '2026-01-02T03:04:00Z',
      },
    ] as const;
    const runner = fakeRunner({ pods: [pod], notes: noteFor(pod, { display: 'Error', probes }) });
    const instance = { id: 'web-0', name: 'app', attempt: 0, isRunning: false, logPath };
    runner.held.set('uid-web', { containers: [instance] });
    await withRunner(
      runner,
      async ({ run }) => {
        const { code, out } = await run('describe', 'pod', 'web');
        assert.equal(code, 0);
        assert.match(out, /^Failed: container "app" ended with exit code 2 60s ago and is not restarted\.\n\nName: /);
        assert.match(out, /Last answer: +failure, 3 in a row, 60s ago: refused\n/);
        assert.match(
          out,
          /\n {2}data {3}hostPath \/srv \(Directory\) {6}app:\/data \(ro\)\n {2}key {4}Secret tls \(optional\)/,
        );
        assert.match(out, /\n {2}tmp {4}emptyDir \(Memory, up to 1Mi\) {3}<nowhere>\n/);
        assert.match(out, /\nManifest: +\/etc\/solopod\/manifests\/web\.yaml:1\n/);
        const words = lines.slice(2).map((_, i) => `      line ${i + 2}\\u001b[2J\n`);
        assert.ok(out.includes(`    Last log lines before it failed:\n${words.join('')}`), out);
        assert.equal((await run('describe', 'none')).code, 1);
      },
      { logs: createContainerLogs({ podLogsDir }) },
    );
  }));
