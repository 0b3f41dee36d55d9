// A RunnerPort whose snapshot the test sets by hand. Records the requests it was given.

import type { Pod } from '../../../src/api/kubernetes.ts';
import type {
  PodInstances,
  PodNote,
  PodSelection,
  RunnerPort,
  RunnerReply,
  RunnerSnapshot,
  RunnerVerb,
} from '../../../src/ports/runner.ts';

export interface FakeRunner extends RunnerPort {
  /** What accept() ends. */
  heldPods: readonly string[];
  readonly requests: readonly { readonly verb: RunnerVerb; readonly selection: PodSelection }[];
  /** Replaces parts of the snapshot, raises its version and tells the subscribers. */
  change(parts: Partial<Omit<RunnerSnapshot, 'version'>>): void;
  /** What request() does and answers; by default every pod is meant. */
  onRequest: (verb: RunnerVerb, selection: PodSelection) => RunnerReply;
  /** What the runtime holds, by pod uid. */
  readonly held: Map<string, PodInstances>;
  readonly subscribers: number;
  /** Resolves once the next snapshot newer than the present one has been read. */
  read(): Promise<void>;
}

export const READY_NODE: RunnerSnapshot['node'] = {
  name: 'node1',
  runtimeReady: true,
  networkReady: true,
  runtime: 'containerd 1.6.20',
  sourcesReady: true,
};

export function fakeRunner(parts: Partial<RunnerSnapshot> = {}): FakeRunner {
  let snapshot: RunnerSnapshot = {
    version: 1,
    pods: [],
    notes: {},
    troubles: [],
    events: [],
    node: READY_NODE,
    ...parts,
  };
  const requests: { verb: RunnerVerb; selection: PodSelection }[] = [];
  const subscribers = new Set<() => void>();
  const readers: { after: number; resolve: () => void }[] = [];
  const held = new Map<string, PodInstances>();
  return {
    heldPods: [],
    async accept() {
      const ended = this.heldPods;
      this.heldPods = [];
      return ended;
    },
    requests,
    held,
    instances: (podUid) => held.get(podUid) ?? { containers: [] },
    snapshot: () => {
      for (const reader of readers.filter(({ after }) => snapshot.version > after)) reader.resolve();
      return snapshot;
    },
    read: () => new Promise((resolve) => readers.push({ after: snapshot.version, resolve })),
    subscribe: (changed, signal) => {
      subscribers.add(changed);
      signal.addEventListener('abort', () => subscribers.delete(changed), { once: true });
    },
    async request(verb, selection) {
      requests.push({ verb, selection });
      return this.onRequest(verb, selection);
    },
    volumes: async () => [],
    removeVolumes: async (volumes) => ({
      ok: true,
      removed: volumes.map(({ namespace, name }) => `${namespace}/${name}`),
    }),
    config: () => ({ nodeName: { value: 'node1', origin: 'default' }, logLevel: { value: 'debug', origin: 'flag' } }),
    change: (changes) => {
      snapshot = { ...snapshot, ...changes, version: snapshot.version + 1 };
      for (const changed of subscribers) changed();
    },
    onRequest: () => ({ ok: true, pods: snapshot.pods.map((pod) => podKey(pod)) }),
    get subscribers() {
      return subscribers.size;
    },
  };
}

export function podKey(pod: Pod): string {
  return `${pod.metadata?.namespace}/${pod.metadata?.name}`;
}

/** A pod of one ready container, "<name>-node1", started 5 minutes before 2026-01-02T03:05:00Z. */
export function runningPod(name: string, more: { readonly namespace?: string; readonly restarts?: number } = {}): Pod {
  return {
    metadata: {
      name: `${name}-node1`,
      namespace: more.namespace ?? 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-02T03:00:00Z',
    },
    spec: { nodeName: 'node1', containers: [{ name: 'app', image: 'busybox' }] },
    status: {
      phase: 'Running',
      podIP: '10.88.0.5',
      hostIP: '192.0.2.1',
      qosClass: 'BestEffort',
      startTime: '2026-01-02T03:00:00Z',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-02T03:00:05Z' }],
      containerStatuses: [
        {
          name: 'app',
          image: 'busybox',
          imageID: 'sha256:1',
          containerID: `containerd://${name}-${more.restarts ?? 0}`,
          ready: true,
          started: true,
          restartCount: more.restarts ?? 0,
          state: { running: { startedAt: '2026-01-02T03:00:02Z' } },
        },
      ],
    },
  };
}

export function noteFor(pod: Pod, more: Partial<PodNote> = {}): { readonly [uid: string]: PodNote } {
  const uid = pod.metadata?.uid ?? '';
  const note: PodNote = {
    uid,
    key: podKey(pod),
    display: 'Running',
    origin: '/etc/solopod/manifests/web.yaml:1',
    hash: '0123456789abcdef',
    ignoredFields: [],
    claims: [],
    probes: [],
    stopped: false,
    ...more,
  };
  return { [uid]: note };
}
