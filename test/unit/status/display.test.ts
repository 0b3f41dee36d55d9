import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, ContainerStatus, Pod, PodStatus } from '../../../src/api/kubernetes.ts';
import { displayPod, type Intent, type PodDisplay } from '../../../src/status/display.ts';

const RUNNING = { running: { startedAt: '2026-01-02T03:00:00Z' } };
const FIRST_END = '2026-01-02T03:01:00Z';
const SECOND_END = '2026-01-02T03:02:00Z';

function status(name: string, more: Partial<ContainerStatus>): ContainerStatus {
  return { name, image: 'i', imageID: '', ready: false, restartCount: 0, ...more };
}

function ready(name: string, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return status(name, { ready: true, started: true, state: RUNNING, ...more });
}

function exited(exitCode: number, more: { readonly reason?: string; readonly signal?: number } = {}) {
  return { terminated: { exitCode, ...more } };
}

interface Case {
  readonly name: string;
  readonly containers?: readonly string[];
  readonly init?: readonly Container[];
  readonly status: PodStatus;
  readonly deleted?: boolean;
  readonly intent?: Intent;
  readonly expected: PodDisplay;
}

const SIDECAR: Container = { name: 'proxy', restartPolicy: 'Always' };
const INITIALIZED = { type: 'Initialized', status: 'True' };

const CASES: readonly Case[] = [
  {
    name: 'an evicted pod, whatever its containers say',
    status: {
      phase: 'Failed',
      reason: 'Evicted',
      containerStatuses: [status('app', { state: exited(137, { reason: 'Error' }) })],
    },
    expected: { status: 'Evicted', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a pod before its first status',
    status: { phase: 'Pending' },
    expected: { status: 'Pending', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'no status at all',
    status: {},
    expected: { status: 'Unknown', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a running pod',
    status: { phase: 'Running', containerStatuses: [ready('a')] },
    expected: { status: 'Running', ready: 1, total: 1, restarts: 0 },
  },
  {
    name: 'a container that is not ready does not change the word',
    status: { phase: 'Running', containerStatuses: [status('a', { state: RUNNING })] },
    expected: { status: 'Running', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'waiting for its first start',
    status: {
      phase: 'Pending',
      containerStatuses: [status('a', { state: { waiting: { reason: 'ContainerCreating' } } })],
    },
    expected: { status: 'ContainerCreating', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'restarts carry the end of the newest instance that was restarted',
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      containerStatuses: [
        ready('a', { restartCount: 2, lastState: { terminated: { exitCode: 1, finishedAt: SECOND_END } } }),
        status('b', {
          restartCount: 1,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: FIRST_END } },
        }),
      ],
    },
    expected: { status: 'CrashLoopBackOff', ready: 1, total: 2, restarts: 3, lastRestart: SECOND_END },
  },
  {
    name: 'the first container with something to say wins',
    containers: ['a', 'b'],
    status: {
      containerStatuses: [
        status('a', { state: { waiting: { reason: 'ErrImagePull' } } }),
        status('b', { state: { waiting: { reason: 'CrashLoopBackOff' } } }),
      ],
    },
    expected: { status: 'ErrImagePull', ready: 0, total: 2, restarts: 0 },
  },
  {
    name: 'waiting without a reason says nothing',
    status: { phase: 'Pending', containerStatuses: [status('a', { state: { waiting: {} } })] },
    expected: { status: 'Pending', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a completed pod',
    status: { phase: 'Succeeded', containerStatuses: [status('a', { state: exited(0, { reason: 'Completed' }) })] },
    expected: { status: 'Completed', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'an exit without a reason shows its code',
    status: { phase: 'Failed', containerStatuses: [status('a', { state: exited(3) })] },
    expected: { status: 'ExitCode:3', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'an exit by signal without a reason shows the signal',
    status: { phase: 'Failed', containerStatuses: [status('a', { state: exited(0, { signal: 9 }) })] },
    expected: { status: 'Signal:9', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'one container completed, another ready, the pod ready',
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [status('a', { state: exited(0, { reason: 'Completed' }) }), ready('b')],
    },
    expected: { status: 'Running', ready: 1, total: 2, restarts: 0 },
  },
  {
    name: 'one container completed, another ready, the pod not',
    containers: ['a', 'b'],
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [status('a', { state: exited(0, { reason: 'Completed' }) }), ready('b')],
    },
    expected: { status: 'NotReady', ready: 1, total: 2, restarts: 0 },
  },
  {
    name: 'a reason for the whole pod stands in for the phase',
    status: { phase: 'Failed', reason: 'Evicted' },
    expected: { status: 'Evicted', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'the second of three init containers runs',
    init: [{ name: 'i1' }, { name: 'i2' }, { name: 'i3' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        status('i1', { state: exited(0, { reason: 'Completed' }) }),
        status('i2', { state: RUNNING }),
        status('i3', { state: { waiting: { reason: 'PodInitializing' } } }),
      ],
      containerStatuses: [status('a', { state: { waiting: { reason: 'PodInitializing' } } })],
    },
    expected: { status: 'Init:1/3', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'an init container waits for its restart',
    init: [{ name: 'i1' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        status('i1', {
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: FIRST_END } },
        }),
      ],
      containerStatuses: [status('a', { state: { waiting: { reason: 'PodInitializing' } } })],
    },
    expected: { status: 'Init:CrashLoopBackOff', ready: 0, total: 1, restarts: 4, lastRestart: FIRST_END },
  },
  {
    name: 'a failed init container with a reason',
    init: [{ name: 'i1' }],
    status: { phase: 'Failed', initContainerStatuses: [status('i1', { state: exited(1, { reason: 'Error' }) })] },
    expected: { status: 'Init:Error', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a failed init container without a reason',
    init: [{ name: 'i1' }],
    status: { phase: 'Failed', initContainerStatuses: [status('i1', { state: exited(2) })] },
    expected: { status: 'Init:ExitCode:2', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'an init container killed by a signal',
    init: [{ name: 'i1' }],
    status: { phase: 'Failed', initContainerStatuses: [status('i1', { state: exited(137, { signal: 9 }) })] },
    expected: { status: 'Init:Signal:9', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'init containers are done, the app container is being created',
    init: [{ name: 'i1' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('i1', { state: exited(0), restartCount: 2 })],
      containerStatuses: [status('a', { state: { waiting: { reason: 'PodInitializing' } } })],
    },
    expected: { status: 'PodInitializing', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a ready sidecar counts beside the app container',
    init: [SIDECAR],
    status: {
      phase: 'Running',
      conditions: [INITIALIZED],
      initContainerStatuses: [ready('proxy', { restartCount: 1 })],
      containerStatuses: [ready('a', { restartCount: 2 })],
    },
    expected: { status: 'Running', ready: 2, total: 2, restarts: 3 },
  },
  {
    name: 'a sidecar that has not started holds the pod in init',
    init: [SIDECAR, { name: 'i2' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        status('proxy', { started: false, state: RUNNING }),
        status('i2', { state: { waiting: { reason: 'PodInitializing' } } }),
      ],
    },
    expected: { status: 'Init:0/2', ready: 0, total: 2, restarts: 0 },
  },
  {
    name: 'a sidecar that crashes after init does not hide the ready app containers',
    init: [SIDECAR],
    status: {
      phase: 'Running',
      conditions: [INITIALIZED],
      initContainerStatuses: [
        status('proxy', { started: false, restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } }),
      ],
      containerStatuses: [ready('a')],
    },
    expected: { status: 'Init:CrashLoopBackOff', ready: 1, total: 2, restarts: 5 },
  },
  {
    name: 'a pod that is ending',
    status: { phase: 'Running', containerStatuses: [ready('a')] },
    intent: { terminating: true },
    expected: { status: 'Terminating', ready: 1, total: 1, restarts: 0 },
  },
  {
    name: 'a deletionTimestamp means ending, too',
    status: { phase: 'Running', containerStatuses: [ready('a')] },
    deleted: true,
    expected: { status: 'Terminating', ready: 1, total: 1, restarts: 0 },
  },
  {
    name: 'a pod that has ended is not terminating',
    status: { phase: 'Succeeded', containerStatuses: [status('a', { state: exited(0, { reason: 'Completed' }) })] },
    intent: { terminating: true },
    expected: { status: 'Completed', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a pod that an operator stopped and that has ended',
    status: { phase: 'Failed', containerStatuses: [status('a', { state: exited(137, { reason: 'Error' }) })] },
    intent: { stopped: true },
    expected: { status: 'Stopped', ready: 0, total: 1, restarts: 0 },
  },
  {
    name: 'a pod that an operator stopped and that would run again by its restart policy',
    status: { phase: 'Running', containerStatuses: [status('a', { state: exited(137, { reason: 'Error' }) })] },
    deleted: true,
    intent: { stopped: true, terminating: true },
    expected: { status: 'Stopped', ready: 0, total: 1, restarts: 0 },
  },
];

for (const { name, containers = ['a'], init, status: podStatus, deleted, intent, expected } of CASES) {
  test(`${name}: ${expected.status}`, () => {
    const pod: Pod = {
      metadata: { name: 'p', ...(deleted ? { deletionTimestamp: FIRST_END } : {}) },
      spec: {
        containers: containers.map((container) => ({ name: container })),
        ...(init === undefined ? {} : { initContainers: init }),
      },
      status: podStatus,
    };
    assert.deepEqual(displayPod(pod, intent), expected);
  });
}
