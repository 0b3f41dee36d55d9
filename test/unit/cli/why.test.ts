import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerStatus, Pod } from '../../../src/api/kubernetes.ts';
import { why } from '../../../src/cli/status/why.ts';
import type { PodEvent, PodNote, RunnerSnapshot } from '../../../src/ports/runner.ts';
import { fakeRunner, noteFor, READY_NODE, runningPod } from '../server/fakeRunner.ts';
import { NOW } from './runCli.ts';

interface Case {
  readonly status?: Partial<ContainerStatus>;
  readonly pod?: (pod: Pod) => Pod;
  readonly note?: Partial<PodNote>;
  readonly events?: readonly Partial<PodEvent>[];
  readonly node?: Partial<RunnerSnapshot['node']>;
}

function sentence({ status = {}, pod: change = (pod) => pod, note, events = [], node = {} }: Case): string {
  const plain = runningPod('web');
  const containerStatuses = (plain.status?.containerStatuses ?? []).map((one) => ({ ...one, ...status }));
  const conditions = [
    { type: 'Ready', status: status.ready === false ? 'False' : 'True', lastTransitionTime: '2026-01-02T03:00:05Z' },
  ];
  const pod = change({ ...plain, status: { ...plain.status, conditions, containerStatuses } });
  const full = events.map((event) => ({
    type: 'Warning' as const,
    reason: '',
    message: '',
    pod: 'default/web-node1',
    podUid: 'uid-web',
    count: 1,
    firstTimestamp: '2026-01-02T03:04:00Z',
    lastTimestamp: '2026-01-02T03:04:20Z',
    ...event,
  }));
  const runner = fakeRunner({ pods: [pod], notes: noteFor(pod, note), events: full, node: { ...READY_NODE, ...node } });
  return why(pod, runner.snapshot(), NOW);
}

function waiting(reason: string, message = ''): Partial<ContainerStatus> {
  return { ready: false, state: { waiting: { reason, message } } };
}

const KILLED = { exitCode: 137, finishedAt: '2026-01-02T03:04:22Z' };
const NEXT = { nextTryAt: '2026-01-02T03:05:40Z' };

describe('why a pod does what it does, in one sentence', () => {
  const cases: readonly (readonly [string, Case, string])[] = [
    ['it does well', {}, 'Running: every container is ready since 4m55s'],
    [
      'a crash',
      {
        status: {
          ...waiting('CrashLoopBackOff'),
          restartCount: 3,
          lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        },
        note: NEXT,
      },
      'Waiting 40s before restart 4 of container "app", because it ended with exit code 1',
    ],
    [
      'no memory left',
      {
        status: { ...waiting('CrashLoopBackOff'), lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        note: NEXT,
      },
      'Waiting 40s before restart 1 of container "app", because it used more memory than its limit and was killed (OOMKilled)',
    ],
    [
      'a liveness probe that failed',
      {
        status: { ...waiting('CrashLoopBackOff'), restartCount: 3, lastState: { terminated: KILLED } },
        note: {
          ...NEXT,
        },
        pod: (pod) => withProbe(pod, 'livenessProbe'),
        events: [
          {
            reason: 'Unhealthy',
            message: 'Liveness probe failed: HTTP probe failed with statuscode: 500',
            fieldPath: 'spec.containers{app}',
          },
          {
            reason: 'Killing',
            message: 'Container app failed liveness probe, will be restarted',
            fieldPath: 'spec.containers{app}',
          },
        ],
      },
      'Waiting 40s before restart 4 of container "app", because the liveness probe failed 3 times: HTTP probe failed with statuscode: 500',
    ],
    [
      'an end that the runner backs off from',
      {
        status: { ready: false, restartCount: 1, state: { terminated: { exitCode: 5 } } },
        note: { waitingFor: 'CrashLoopBackOff: Back-off restarting failed container app', ...NEXT },
      },
      'Waiting 40s before restart 2 of container "app", because it ended with exit code 5',
    ],
    [
      'restarts not long ago',
      {
        status: {
          restartCount: 2,
          lastState: { terminated: { exitCode: 3, finishedAt: '2026-01-02T03:04:30Z' } },
        },
      },
      'Running, but container "app" was restarted 2 times, last 30s ago, because it ended with exit code 3',
    ],
    [
      'restarts long ago',
      { status: { restartCount: 2, lastState: { terminated: { exitCode: 3, finishedAt: '2026-01-01T03:04:30Z' } } } },
      'Running: every container is ready since 4m55s',
    ],
    [
      'an image that is not to be had',
      { status: waiting('ImagePullBackOff', 'not found'), note: NEXT },
      'The image "busybox" of container "app" is not to be had (ImagePullBackOff): not found; next try in 40s',
    ],
    [
      'a container that cannot be made',
      { status: waiting('CreateContainerConfigError', 'secret "db" not found') },
      'Container "app" cannot be started (CreateContainerConfigError): secret "db" not found',
    ],
    [
      'not ready',
      {
        status: { ready: false },
        pod: (pod) => withProbe(pod, 'readinessProbe'),
        note: {
          probes: [
            {
              container: 'app',
              type: 'readiness',
              result: 'failure',
              inARow: 2,
              output: 'refused\n',
              at: '',
            },
          ],
        },
      },
      'Container "app" runs since 4m58s, but is not ready: the readiness probe failed 2 times: refused',
    ],
    [
      'not started',
      { status: { ready: false, started: false }, pod: (pod) => withProbe(pod, 'startupProbe') },
      'Container "app" runs since 4m58s, but its startup probe has not succeeded yet: its readiness was not asked for yet',
    ],
    [
      'an init container',
      {
        status: waiting('PodInitializing'),
        pod: (pod) => ({
          ...pod,
          spec: {
            containers: pod.spec?.containers ?? [],
            initContainers: [
              { name: 'a', image: 'i' },
              { name: 'b', image: 'i' },
            ],
          },
          status: {
            ...pod.status,
            initContainerStatuses: [
              {
                name: 'a',
                image: 'i',
                imageID: '',
                ready: false,
                restartCount: 0,
                state: { running: { startedAt: '2026-01-02T03:04:30Z' } },
              },
            ],
          },
        }),
      },
      'Init container "a" (1 of 2) runs since 30s; the next ones wait for it',
    ],
    [
      'a node without network',
      { status: waiting('ContainerCreating'), node: { networkReady: false, message: 'cni plugin not initialized' } },
      'The pod network is not ready: cni plugin not initialized',
    ],
    [
      'what the runner waits for',
      { status: waiting('ContainerCreating'), note: { waitingFor: 'FailedMount: no such device', ...NEXT } },
      'Waiting: no such device; next try in 40s',
    ],
    [
      'an operator',
      { note: { stopped: true, display: 'Stopped' } },
      'Stopped by an operator: "solopod start web-node1" starts it again',
    ],
    [
      'its end',
      {
        note: { display: 'Terminating', waitingFor: 'Stopping: Waiting for app' },
        pod: (pod) => ({ ...pod, metadata: { ...pod.metadata, deletionGracePeriodSeconds: 30 } }),
      },
      'Terminating: Waiting for app; it has 30 s for that',
    ],
    [
      'success',
      { pod: (pod) => ({ ...pod, status: { ...pod.status, phase: 'Succeeded' } }) },
      'Completed: every container has ended with exit code 0',
    ],
    [
      'failure',
      {
        status: {
          ready: false,
          state: { terminated: { exitCode: 3, reason: 'Error', finishedAt: '2026-01-02T03:04:00Z' } },
        },
        pod: (pod) => ({ ...pod, status: { ...pod.status, phase: 'Failed' } }),
      },
      'Failed: container "app" ended with exit code 3 1m0s ago and is not restarted'.replace('1m0s', '60s'),
    ],
    [
      'no room on the node',
      { pod: (pod) => ({ ...pod, status: { phase: 'Failed', reason: 'OutOfcpu', message: 'Node had too few CPUs' } }) },
      'Failed: OutOfcpu: Node had too few CPUs',
    ],
  ];
  for (const [name, given, expected] of cases) it(name, () => assert.equal(sentence(given), expected));
});

function withProbe(pod: Pod, probe: 'livenessProbe' | 'readinessProbe' | 'startupProbe'): Pod {
  const containers = (pod.spec?.containers ?? []).map((one) => ({ ...one, [probe]: { tcpSocket: { port: 80 } } }));
  return { ...pod, spec: { ...pod.spec, containers } };
}
