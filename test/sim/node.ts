// The simulated machine: what a runtime and a disk hold, and the processes that live and die there. It does what it is
// told when it is told; when that is, and what goes wrong on the way, is for others (executor.ts, simulation.ts).
// What must never happen on a machine is checked here, at the moment of the effect, against the truth.
import type { DesiredContainer, DesiredPod } from '../../src/api/desiredPod.ts';
import { isSidecar } from '../../src/api/desiredPod.ts';
import type { Fault } from '../../src/api/fault.ts';
import type { LocalImage, ObservedContainer, ObservedSandbox } from '../../src/api/observed.ts';
import { containerSpecHash } from '../../src/api/specHash.ts';
import { err, ok, type Result } from '../../src/lib/result.ts';
import type { Clock } from './clock.ts';
import type { Program } from './programs.ts';

/** A rule of the product is broken: what a run is there to find. */
export class Broken extends Error {}

export function broken(message: string): never {
  throw new Broken(message);
}

export interface NodeOptions {
  readonly clock: Clock;
  readonly program: (pod: DesiredPod, container: DesiredContainer) => Program;
  /** Something of a pod has changed. */
  readonly changed: (podUid: string) => void;
}

export interface Creation {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly sandboxId: string;
  readonly attempt: number;
}

export class SimNode {
  readonly sandboxes = new Map<string, ObservedSandbox>();
  readonly containers = new Map<string, ObservedContainer>();
  /** Pods that have directories, by uid. */
  readonly volumes = new Set<string>();
  /** Highest number of a log file, by uid and container. */
  readonly logs = new Map<string, Map<string, number>>();
  readonly images = new Set<string>();
  isUp = true;
  isNetworkUp = true;
  /** Counts the lives of the runtime. */
  life = 0;
  /** When a container was first told that it is to end. */
  readonly told = new Map<string, number>();
  /** Made or started by a call that nobody waited for any more: nobody can be blamed for what it meets. */
  readonly late = new Set<string>();
  readonly #programs = new Map<string, Program>();
  /** What has been in a sandbox, whatever became of it, and the version of the pod that it was made for. */
  readonly #histories = new Map<string, History>();
  #ids = 0;
  readonly #options: NodeOptions;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  // --- calls -------------------------------------------------------------------------------------------------------

  runSandbox(pod: DesiredPod, attempt: number, isLate: boolean): Result<ObservedSandbox, Fault> {
    const { uid, metadata, spec } = pod;
    const holder = [...this.sandboxes.values()].find((s) => s.podUid === uid && s.attempt === attempt);
    if (holder?.state === 'ready') return ok(holder);
    if (holder !== undefined) {
      this.removeSandbox(holder.id, isLate);
      return refused('FailedCreatePodSandBox', `name is reserved for ${holder.id}`);
    }
    if (!this.isNetworkUp && spec.hostNetwork !== true) return refused('FailedCreatePodSandBox', 'network is down');
    const id = `s${++this.#ids}`;
    const sandbox: ObservedSandbox = {
      id,
      podUid: uid,
      name: metadata.name,
      namespace: metadata.namespace,
      attempt,
      state: 'ready',
      createdAt: this.#wall(),
      ips: spec.hostNetwork === true ? [] : [`10.0.0.${this.#ids}`],
      network: spec.hostNetwork === true ? 'node' : 'pod',
      labels: labelsOf(pod),
      annotations: {},
    };
    this.sandboxes.set(id, sandbox);
    this.#histories.set(id, { versions: new Set([pod.hash]), done: new Set(), begun: new Set() });
    if (isLate) this.late.add(id);
    this.#expectOneLiveSandbox(sandbox);
    this.#options.changed(uid);
    return ok(sandbox);
  }

  createContainer({ pod, container, sandboxId, attempt }: Creation, isLate: boolean): Result<string, Fault> {
    const { uid } = pod;
    const { name } = container;
    if (this.sandboxes.get(sandboxId)?.state !== 'ready') {
      return refused('CreateContainerError', `sandbox ${sandboxId} is not running`);
    }
    const holder = [...this.containers.values()].find(
      (c) => c.podUid === uid && c.name === name && c.attempt === attempt,
    );
    if (holder !== undefined) {
      if (holder.state === 'created') this.containers.delete(holder.id);
      return refused('CreateContainerError', `name is reserved for ${holder.id}`);
    }
    const id = `${name}${++this.#ids}`;
    this.containers.set(id, {
      id,
      podUid: uid,
      sandboxId,
      name,
      attempt,
      state: 'created',
      createdAt: this.#wall(),
      image: container.image,
      imageRef: container.image,
      specHash: containerSpecHash(container),
      logPath: `/var/log/pods/${uid}/${name}/${attempt}.log`,
      labels: labelsOf(pod),
      annotations: { 'io.kubernetes.pod.terminationGracePeriod': String(pod.spec.terminationGracePeriodSeconds) },
    });
    this.#programs.set(id, this.#options.program(pod, container));
    if (isLate) this.late.add(id);
    const logs = this.#logsOf(uid);
    logs.set(name, Math.max(attempt, logs.get(name) ?? 0));
    this.#options.changed(uid);
    return ok(id);
  }

  startContainer(id: string, pod: DesiredPod, { isLate, fails }: { isLate: boolean; fails: boolean }) {
    const container = this.containers.get(id);
    if (container === undefined) return notFound('RunContainerError', id);
    if (container.state !== 'created') return refused('RunContainerError', `${id} is ${container.state}`);
    if (this.sandboxes.get(container.sandboxId)?.state !== 'ready') {
      return refused('RunContainerError', `sandbox ${container.sandboxId} is not running`);
    }
    if (fails) {
      this.#end(container, { exitCode: 128, reason: 'StartError' });
      return refused('RunContainerError', 'no such file or directory');
    }
    if (isLate) this.late.add(id);
    const running: ObservedContainer = { ...container, state: 'running', startedAt: this.#wall() };
    this.containers.set(id, running);
    this.#expectOneLiveInstance(running);
    this.#expectInitDone(running, pod);
    this.#histories.get(running.sandboxId)?.begun.add(running.name);
    this.#runProgram(running);
    this.#options.changed(running.podUid);
    return ok(undefined);
  }

  /** The stop signal; KILL follows when the grace period is over. @returns how long the end takes, in ms */
  term(id: string, graceMs: number): number {
    const container = this.containers.get(id);
    if (container === undefined || !isLive(container)) return 0;
    const { obeysAfterMs } = this.#programs.get(id) ?? { obeysAfterMs: 0 };
    this.tell(id);
    const { life } = this;
    const endsIn = Math.min(obeysAfterMs ?? Number.POSITIVE_INFINITY, graceMs);
    const isKilled = endsIn === graceMs;
    this.#options.clock.after(endsIn, () => {
      if (isKilled && this.life !== life) return;
      this.exit(id, isKilled ? 137 : 143);
    });
    return endsIn;
  }

  /** A container learns that its end has begun: its preStop handler runs, or it gets the stop signal. */
  tell(id: string): void {
    if (!this.told.has(id)) this.told.set(id, this.#options.clock.now().mono);
  }

  stopSandbox(id: string, isLate: boolean): void {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return;
    const alive = this.#liveIn(id).filter((c) => !this.late.has(c.id));
    if (alive.length > 0 && !isLate)
      broken(`sandbox ${id} is stopped around the running ${alive.map((c) => c.id).join(', ')}`);
    this.killSandbox(id);
  }

  removeContainer(id: string, isLate: boolean): void {
    const container = this.containers.get(id);
    if (container === undefined) return;
    if (isLive(container) && !this.late.has(id) && !isLate) broken(`container ${id} is removed while it runs`);
    this.vanish(id);
  }

  removeSandbox(id: string, isLate: boolean): void {
    const alive = this.#liveIn(id).filter((c) => !this.late.has(c.id));
    if (alive.length > 0 && !isLate)
      broken(`sandbox ${id} is removed around the running ${alive.map((c) => c.id).join(', ')}`);
    this.vanishSandbox(id);
  }

  tearDown(uid: string): void {
    const alive = [...this.containers.values()].filter((c) => c.podUid === uid && isLive(c) && !this.late.has(c.id));
    if (alive.length > 0) broken(`volumes of ${uid} are taken from the running ${alive.map((c) => c.id).join(', ')}`);
    this.volumes.delete(uid);
  }

  image(image: string): LocalImage | 'absent' {
    return this.images.has(image) ? { ref: `sha256:${image}`, sizeBytes: 1 } : 'absent';
  }

  // --- what happens by itself, or by other hands ---------------------------------------------------------------------

  exit(id: string, exitCode: number): void {
    const container = this.containers.get(id);
    if (container === undefined || !isLive(container)) return;
    this.#end(container, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' });
    if (exitCode === 0) this.#histories.get(container.sandboxId)?.done.add(container.name);
    this.#options.changed(container.podUid);
  }

  vanish(id: string): void {
    const container = this.containers.get(id);
    this.containers.delete(id);
    if (container !== undefined) this.#options.changed(container.podUid);
  }

  killSandbox(id: string): void {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return;
    for (const c of this.#liveIn(id)) this.exit(c.id, 137);
    this.sandboxes.set(id, { ...sandbox, state: 'notReady', ips: [] });
    this.#options.changed(sandbox.podUid);
  }

  vanishSandbox(id: string): void {
    const sandbox = this.sandboxes.get(id);
    for (const c of [...this.containers.values()]) if (c.sandboxId === id) this.vanish(c.id);
    this.sandboxes.delete(id);
    if (sandbox !== undefined) this.#options.changed(sandbox.podUid);
  }

  loseAddress(id: string): void {
    const sandbox = this.sandboxes.get(id);
    if (sandbox !== undefined) this.sandboxes.set(id, { ...sandbox, ips: [] });
  }

  /** Everything that ran is dead; what the runtime knew, it still knows. */
  killEverything(): void {
    for (const id of this.sandboxes.keys()) this.killSandbox(id);
  }

  // --- questions -----------------------------------------------------------------------------------------------------

  lastAttempts(uid: string): { readonly [container: string]: number } {
    return Object.fromEntries(this.#logsOf(uid));
  }

  liveContainers(): readonly ObservedContainer[] {
    return [...this.containers.values()].filter(isLive);
  }

  // --- within --------------------------------------------------------------------------------------------------------

  #wall(): number {
    return this.#options.clock.now().wall;
  }

  #logsOf(uid: string): Map<string, number> {
    const logs = this.logs.get(uid) ?? new Map<string, number>();
    this.logs.set(uid, logs);
    return logs;
  }

  #liveIn(sandboxId: string): readonly ObservedContainer[] {
    return [...this.containers.values()].filter((c) => c.sandboxId === sandboxId && isLive(c));
  }

  #runProgram({ id }: ObservedContainer): void {
    const program = this.#programs.get(id);
    if (program?.endsAfterMs === undefined) return;
    this.#options.clock.after(program.endsAfterMs, () => this.exit(id, program.exitCode));
  }

  #end(container: ObservedContainer, how: { readonly exitCode: number; readonly reason: string }): void {
    this.containers.set(container.id, { ...container, state: 'exited', ...how, finishedAt: this.#wall() });
  }

  #expectOneLiveSandbox({ id, namespace, name }: ObservedSandbox): void {
    if (this.late.has(id)) return;
    for (const other of this.sandboxes.values()) {
      if (other.id === id || other.state !== 'ready' || this.late.has(other.id)) continue;
      if (other.namespace === namespace && other.name === name) {
        broken(`pod ${namespace}/${name} has two live sandboxes: ${other.id} of ${other.podUid} and ${id}`);
      }
    }
  }

  #expectOneLiveInstance({ id, name, labels }: ObservedContainer): void {
    if (this.late.has(id)) return;
    const key = keyOf(labels);
    for (const other of this.containers.values()) {
      if (other.id === id || other.name !== name || !isLive(other) || this.late.has(other.id)) continue;
      if (keyOf(other.labels) === key) broken(`container ${name} of ${key} runs twice: ${other.id} and ${id}`);
    }
  }

  /**
   * Every init container before this one has done its work in this very sandbox; every sidecar has been started. A pod
   * that was updated in place may have got them only after it was initialised.
   */
  #expectInitDone({ id, name, sandboxId }: ObservedContainer, pod: DesiredPod): void {
    const inits = pod.spec.initContainers ?? [];
    const index = inits.findIndex((c) => c.name === name);
    const history = this.#histories.get(sandboxId);
    history?.versions.add(pod.hash);
    if (history === undefined || history.versions.size > 1) return;
    for (const init of index < 0 ? inits : inits.slice(0, index)) {
      const isPast = (isSidecar(init) ? history.begun : history.done).has(init.name);
      if (!isPast) broken(`container ${id} starts in ${sandboxId} before init container ${init.name} is done`);
    }
  }
}

interface History {
  /** Of the pod that the sandbox was made for, and that containers were started for. */
  readonly versions: Set<string>;
  readonly done: Set<string>;
  readonly begun: Set<string>;
}

export function isLive({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'unknown';
}

function keyOf(labels: ObservedContainer['labels']): string {
  return `${labels['io.kubernetes.pod.namespace']}/${labels['io.kubernetes.pod.name']}`;
}

function labelsOf({ uid, metadata }: DesiredPod): { readonly [key: string]: string } {
  return {
    'io.kubernetes.pod.name': metadata.name,
    'io.kubernetes.pod.namespace': metadata.namespace,
    'io.kubernetes.pod.uid': uid,
  };
}

function refused(reason: string, message: string): { readonly ok: false; readonly error: Fault } {
  return err({ kind: 'refused', reason, message });
}

function notFound(reason: string, id: string): { readonly ok: false; readonly error: Fault } {
  return err({ kind: 'notFound', reason, message: `there is no ${id}` });
}
