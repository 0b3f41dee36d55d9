import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { err, ok } from '../../../src/lib/result.ts';
import type { NodeUse, StatsPort } from '../../../src/ports/stats.ts';
import { fakeRunner, runningPod } from './fakeRunner.ts';
import { withServer } from './scene.ts';
import { ask } from './unixHttp.ts';

const AT = Date.parse('2026-01-02T03:05:00Z');
const NODE: NodeUse = {
  at: AT,
  bootedAt: Date.parse('2026-01-01T00:00:00Z'),
  cpu: { at: AT, coreNanoSeconds: 5e9 },
  memory: { at: AT, workingSetBytes: 1_000, usageBytes: 2_000, availableBytes: 3_000, rssBytes: 500 },
  swap: { usedBytes: 7, availableBytes: 8 },
  interfaces: [{ name: 'eth0', rxBytes: 1, rxErrors: 2, txBytes: 3, txErrors: 4 }],
  processes: { most: 100, running: 10 },
};
const STATS: StatsPort = {
  containers: async () =>
    ok([
      {
        id: 'c1',
        cpu: { at: AT, coreNanoSeconds: 2e9, nanoCores: 1_000 },
        memory: { at: AT, workingSetBytes: 4_096 },
        writableLayer: { at: AT, usedBytes: 10, inodesUsed: 2 },
      },
      { id: 'of-somebody-else', cpu: { at: AT, coreNanoSeconds: 9e9 } },
    ]),
  sandboxes: async () => ok([]),
};

function scene(stats: StatsPort = STATS) {
  const runner = fakeRunner({ pods: [runningPod('web', { restarts: 2 }), runningPod('idle')] });
  const app = { id: 'c1', name: 'app', attempt: 0, isRunning: true, logPath: '' };
  runner.held.set('uid-web', { sandboxId: 's1', containers: [app] });
  return { runner, backends: { stats, nodeUse: async () => NODE } };
}

describe('what is used', () => {
  it('/stats/summary has the kubelet’s shape, and nothing of what others run', () =>
    withServer(async ({ socketPath }) => {
      const { code, body } = await ask(socketPath, '/stats/summary');
      assert.equal(code, 200);
      const time = '2026-01-02T03:05:00Z';
      const network = { name: 'eth0', rxBytes: 1, rxErrors: 2, txBytes: 3, txErrors: 4 };
      assert.deepEqual(JSON.parse(body), {
        node: {
          nodeName: 'node1',
          startTime: '2026-01-01T00:00:00Z',
          cpu: { time, usageCoreNanoSeconds: 5e9 },
          memory: { time, workingSetBytes: 1_000, usageBytes: 2_000, availableBytes: 3_000, rssBytes: 500 },
          swap: { time, swapAvailableBytes: 8, swapUsageBytes: 7 },
          network: { time, ...network, interfaces: [network] },
          rlimit: { time, maxpid: 100, curproc: 10 },
        },
        pods: [
          {
            podRef: { name: 'web-node1', namespace: 'default', uid: 'uid-web' },
            startTime: '2026-01-02T03:00:00Z',
            containers: [
              {
                name: 'app',
                startTime: '2026-01-02T03:00:02Z',
                cpu: { time, usageNanoCores: 1_000, usageCoreNanoSeconds: 2e9 },
                memory: { time, workingSetBytes: 4_096 },
                rootfs: { time, usedBytes: 10, inodesUsed: 2 },
              },
            ],
            cpu: { time, usageNanoCores: 1_000, usageCoreNanoSeconds: 2e9 },
            memory: { time, workingSetBytes: 4_096 },
          },
        ],
      });
      const little = JSON.parse((await ask(socketPath, '/stats/summary?only_cpu_and_memory=true')).body);
      assert.deepEqual(Object.keys(little.node), ['nodeName', 'startTime', 'cpu', 'memory']);
      assert.equal((await ask(socketPath, '/stats/summary?only_cpu_and_memory=x')).code, 400);
    }, scene()));

  it('/metrics/resource has the kubelet’s names, labels and stamps', () =>
    withServer(async ({ socketPath }) => {
      const { body, headers } = await ask(socketPath, '/metrics/resource');
      assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
      const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      assert.deepEqual(samples, [
        `node_cpu_usage_seconds_total 5 ${AT}`,
        `node_memory_working_set_bytes 1000 ${AT}`,
        `node_swap_usage_bytes 7 ${AT}`,
        `container_cpu_usage_seconds_total{container="app",namespace="default",pod="web-node1"} 2 ${AT}`,
        `container_memory_working_set_bytes{container="app",namespace="default",pod="web-node1"} 4096 ${AT}`,
        'container_start_time_seconds{container="app",namespace="default",pod="web-node1"} 1767322802',
        `pod_cpu_usage_seconds_total{namespace="default",pod="web-node1"} 2 ${AT}`,
        `pod_memory_working_set_bytes{namespace="default",pod="web-node1"} 4096 ${AT}`,
        'resource_scrape_error 0',
      ]);
    }, scene()));

  it('/metrics tells of pods, restarts and this process', () =>
    withServer(async ({ socketPath }) => {
      const { body } = await ask(socketPath, '/metrics');
      for (const line of [
        'kubelet_node_name{node="node1"} 1',
        'kubelet_running_pods 2',
        'kubelet_running_containers{container_state="running"} 2',
        'kubelet_desired_pods{static="true"} 2',
        'solopod_container_restarts_total{namespace="default",pod="web-node1",container="app"} 2',
        'solopod_pod_ready{namespace="default",pod="idle-node1"} 1',
        'solopod_runtime_ready 1',
      ])
        assert.ok(body.includes(`${line}\n`), line);
      assert.match(body, /^# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total \d/m);
      assert.match(body, /^process_resident_memory_bytes \d{7,}$/m);
    }, scene()));

  it('/runningpods lists what the runtime runs', () =>
    withServer(async ({ socketPath }) => {
      const { items } = JSON.parse((await ask(socketPath, '/runningpods/')).body);
      assert.deepEqual(items, [
        {
          metadata: { name: 'web-node1', namespace: 'default', uid: 'uid-web' },
          spec: { containers: [{ name: 'app', image: 'busybox' }] },
          status: {},
        },
      ]);
    }, scene()));

  it('a runtime that does not answer is told; other methods are refused', () => {
    const fault = { kind: 'unavailable', reason: 'StatsFailed', message: 'no answer' } as const;
    const stats = { containers: async () => err(fault), sandboxes: async () => err(fault) };
    return withServer(
      async ({ socketPath }) => {
        for (const path of ['/stats/summary', '/metrics/resource', '/images']) {
          const { code, body } = await ask(socketPath, path);
          assert.equal(code, 503, path);
          assert.match(JSON.parse(body).message, /no answer/);
        }
        for (const path of ['/stats/summary', '/metrics/resource', '/metrics', '/runningpods', '/images'])
          assert.equal((await ask(socketPath, path, { method: 'POST' })).code, 405, path);
      },
      { ...scene(stats), backends: { ...scene(stats).backends, images: { list: async () => err(fault) } } },
    );
  });
});
