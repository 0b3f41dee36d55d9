// A machine for stories about the core: manual time, and a runtime reduced to what it holds. Effects happen when the
// story says so, so that every order of outcomes can be told. No clocks, no timers, no sockets.
import { CONFIG_VERSION_ANNOTATION } from '../../src/api/configChange.ts';
import { containerSize, formatSize, SIZE_ANNOTATION } from '../../src/api/containerSize.ts';
import type { DesiredPod } from '../../src/api/desiredPod.ts';
import type { Fault } from '../../src/api/fault.ts';
import {
  NO_FEATURES,
  type ObservedContainer,
  type ObservedSandbox,
  type RuntimeFeatures,
} from '../../src/api/observed.ts';
import type { ProbeVerdict } from '../../src/api/probeVerdict.ts';
import type { Action } from '../../src/core/action.ts';
import type { ActionResult, Input } from '../../src/core/input.ts';
import { takeTurn } from '../../src/core/turn.ts';
import { type Kept, newWorld, type Settings, type World } from '../../src/core/world.ts';

const YES: ProbeVerdict = { result: 'success', output: '' };
const EPOCH = Date.UTC(2026, 0, 1);
const GIB = 2 ** 30;
export const SETTINGS: Settings = {
  nodeName: 'node',
  hostIPs: ['192.0.2.1'],
  crashLoopInitialMs: 10_000,
  crashLoopMaxMs: 300_000,
  eventsMax: 100,
  allowedUnsafeSysctls: [],
  nodeLabels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'node' },
  runtimeClasses: { plain: '', boxed: 'kata' },
  capacity: {
    pods: 110,
    cpu: 4_000,
    memory: 8 * GIB,
    'ephemeral-storage': 100 * GIB,
    hugePages: { [2 ** 21]: 2 ** 23 },
  },
};

export class Machine {
  world: World;
  /** Handed out and not yet answered. */
  pending: Action[] = [];
  /** One word per action, in the order in which they were handed out. */
  history: string[] = [];
  /** The same in full. */
  actions: Action[] = [];
  cancelled: string[] = [];
  sandboxes = new Map<string, ObservedSandbox>();
  containers = new Map<string, ObservedContainer>();
  /** What probes answer, by "container/type"; success where nothing is said. */
  answers: { [key: string]: ProbeVerdict } = {};
  /** Volumes whose files a refresh replaces. */
  rewritten: readonly string[] = [];
  /** Bytes that volumes take on disk. */
  usage: { [volume: string]: number } = {};
  images = new Set(['localhost/busybox:1']);
  /** What the runtime can do. */
  features: RuntimeFeatures = NO_FEATURES;
  #mono = 1_000;
  #ids = 0;
  #wakeAt: number | undefined;

  constructor(sources: readonly string[] = ['dir'], { stopped = {}, carried = {} }: Partial<Kept> = {}) {
    this.world = newWorld(SETTINGS, sources, { stopped, carried }, this.now());
  }

  now() {
    return { wall: EPOCH + this.#mono, mono: this.#mono };
  }

  /** The runtime answers and is looked at for the first time. */
  connect(): this {
    const good = { ok: true, reason: '', message: '' };
    const version = { name: 'containerd', version: '2.1.9' };
    this.tell({
      kind: 'runtimeStatus',
      at: this.now(),
      status: { runtime: good, network: good, features: this.features },
      version,
    });
    return this.look();
  }

  give(pods: readonly DesiredPod[], source = 'dir'): this {
    return this.tell({ kind: 'sourceSnapshot', at: this.now(), source, pods });
  }

  request(verb: 'stop' | 'start' | 'restart', key: string): this {
    return this.tell({ kind: 'request', at: this.now(), verb, keys: [key] });
  }

  /** A complete look at the runtime. */
  look(): this {
    const observation = { sandboxes: [...this.sandboxes.values()], containers: [...this.containers.values()] };
    return this.tell({ kind: 'observed', at: this.now(), startedAt: this.#mono, observation });
  }

  tell(input: Input): this {
    const turn = takeTurn(this.world, [input]);
    this.world = turn.world;
    this.#wakeAt = turn.wakeAt;
    this.cancelled.push(...turn.cancel);
    for (const action of turn.actions) {
      this.pending.push(action);
      this.history.push(describe(action));
      this.actions.push(action);
    }
    return this;
  }

  /** Lets time pass, waking the core whenever it asked for it. */
  tick(ms: number): this {
    const end = this.#mono + ms;
    while (this.#wakeAt !== undefined && this.#wakeAt <= end) {
      this.#mono = Math.max(this.#mono, this.#wakeAt);
      this.#wakeAt = undefined;
      this.tell({ kind: 'wake', at: this.now() });
    }
    this.#mono = end;
    return this;
  }

  /** Carries out everything that is handed out, until nothing more is. */
  settle(limit = 200): this {
    for (let i = 0; i < limit && this.pending.length > 0; i++) this.step();
    return this;
  }

  /** Carries out the oldest action. */
  step(): this {
    const action = this.pending.shift();
    if (action === undefined) return this;
    this.#mono += 1;
    return this.tell({ kind: 'outcome', at: this.now(), action, result: this.#effect(action) });
  }

  fail(fault: Fault): this {
    const action = this.pending.shift();
    if (action === undefined) return this;
    return this.tell({ kind: 'outcome', at: this.now(), action, result: { ok: false, fault, facts: {} } });
  }

  /** A process in the newest instance of a container ends by itself. */
  exit(name: string, exitCode: number): this {
    const running = [...this.containers.values()].filter((c) => c.name === name && c.state === 'running');
    for (const c of running) this.#end(c, exitCode);
    return this.look();
  }

  status(key = 'default/web') {
    return [...this.world.pods.values()].find((r) => r.key === key && r.desired !== undefined)?.status;
  }

  /** What was handed out since the last call. */
  news(): readonly string[] {
    const news = this.history;
    this.history = [];
    return news;
  }

  #end(c: ObservedContainer, exitCode: number): ObservedContainer {
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const ended: ObservedContainer = { ...c, state: 'exited', exitCode, reason, finishedAt: EPOCH + this.#mono };
    this.containers.set(c.id, ended);
    return ended;
  }

  #effect(action: Action): ActionResult {
    switch (action.kind) {
      case 'setUpPod':
      case 'refreshVolumes':
        return { ok: true, facts: { rewritten: this.rewritten } };
      case 'measureVolumes':
        return { ok: true, facts: { usage: this.usage } };
      case 'refreshHosts':
      case 'signalContainer':
      case 'resizePod':
      case 'tearDownPod':
      case 'removeLogs':
        return { ok: true, facts: {} };
      case 'createSandbox':
        return { ok: true, facts: { sandbox: this.#sandbox(action) } };
      case 'inspectImage':
        return {
          ok: true,
          facts: { image: this.images.has(action.image) ? { ref: 'sha256:1', sizeBytes: 1 } : 'absent' },
        };
      case 'pullImage':
        this.images.add(action.image);
        return { ok: true, facts: { image: { ref: 'sha256:1', sizeBytes: 1 }, pulledMs: 5 } };
      case 'startContainer': {
        const { pod, container: name, sandbox, attempt } = action;
        return { ok: true, facts: { container: this.#start(pod, name, { sandboxId: sandbox.id, attempt }) } };
      }
      case 'startCreated': {
        const created = this.containers.get(action.containerId);
        if (created === undefined)
          return { ok: false, fault: { kind: 'notFound', reason: 'RunContainerError', message: 'gone' }, facts: {} };
        const container: ObservedContainer = { ...created, state: 'running', startedAt: EPOCH + this.#mono };
        this.containers.set(container.id, container);
        return { ok: true, facts: { container } };
      }
      case 'stopContainer': {
        const running = this.containers.get(action.containerId);
        return { ok: true, facts: running === undefined ? {} : { container: this.#end(running, 137) } };
      }
      case 'stopSandbox': {
        const sandbox = this.sandboxes.get(action.sandboxId);
        if (sandbox !== undefined) this.sandboxes.set(sandbox.id, { ...sandbox, state: 'notReady' });
        return { ok: true, facts: {} };
      }
      case 'probe':
        return { ok: true, facts: { verdict: this.answers[`${action.container}/${action.type}`] ?? YES } };
      case 'postStart':
      case 'preStop':
        return { ok: true, facts: {} };
      case 'removeContainer':
        this.containers.delete(action.containerId);
        return { ok: true, facts: {} };
      case 'removeSandbox':
        this.sandboxes.delete(action.sandboxId);
        return { ok: true, facts: {} };
    }
  }

  #sandbox({ pod, attempt, configVersion }: Extract<Action, { kind: 'createSandbox' }>): ObservedSandbox {
    const { uid, metadata } = pod;
    const isOnHost = pod.spec.hostNetwork === true;
    const sandbox: ObservedSandbox = {
      id: `sandbox-${++this.#ids}`,
      podUid: uid,
      name: metadata.name,
      namespace: metadata.namespace,
      attempt,
      state: 'ready',
      createdAt: EPOCH + this.#mono,
      ips: isOnHost ? [] : [`10.0.0.${this.#ids}`],
      network: isOnHost ? 'node' : 'pod',
      labels: labelsOf(pod),
      annotations: configVersion === undefined ? {} : { [CONFIG_VERSION_ANNOTATION]: configVersion },
    };
    this.sandboxes.set(sandbox.id, sandbox);
    return sandbox;
  }

  #start(
    pod: DesiredPod,
    name: string,
    { sandboxId, attempt }: { sandboxId: string; attempt: number },
  ): ObservedContainer {
    const container: ObservedContainer = {
      id: `${name}-${++this.#ids}`,
      podUid: pod.uid,
      sandboxId,
      name,
      attempt,
      state: 'running',
      createdAt: EPOCH + this.#mono,
      startedAt: EPOCH + this.#mono,
      image: 'localhost/busybox:1',
      imageRef: 'sha256:1',
      specHash: '',
      logPath: `/var/log/pods/${name}/${attempt}.log`,
      labels: labelsOf(pod),
      annotations: sizeOf(pod, name),
    };
    this.containers.set(container.id, container);
    return container;
  }
}

function labelsOf({ uid, metadata }: DesiredPod): { readonly [key: string]: string } {
  return {
    'io.kubernetes.pod.name': metadata.name,
    'io.kubernetes.pod.namespace': metadata.namespace,
    'io.kubernetes.pod.uid': uid,
  };
}

function describe(action: Action): string {
  switch (action.kind) {
    case 'inspectImage':
    case 'pullImage':
    case 'startContainer':
    case 'startCreated':
    case 'signalContainer':
      return `${action.kind} ${action.container}`;
    case 'probe':
      return `probe ${action.container} ${action.type}`;
    case 'postStart':
    case 'preStop':
      return `${action.kind} ${action.container}`;
    case 'stopContainer':
      return `stopContainer ${action.container} ${action.graceSeconds}s`;
    case 'createSandbox':
      return `createSandbox ${action.attempt}`;
    default:
      return action.kind;
  }
}

function sizeOf(pod: DesiredPod, name: string): { readonly [key: string]: string } {
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((c) => c.name === name);
  return container === undefined ? {} : { [SIZE_ANNOTATION]: formatSize(containerSize(pod, container)) };
}
