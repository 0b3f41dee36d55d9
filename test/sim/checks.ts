// What must hold after every turn of the core, judged from outside: from what was told, what was handed out, and what
// the simulated machine truly holds. What holds at every effect is checked by the machine itself (node.ts).
import { isSidecar } from '../../src/api/desiredPod.ts';
import { type Action, type ActionKind, actionId } from '../../src/core/action.ts';
import type { Input } from '../../src/core/input.ts';
import { probeKey, probeOf } from '../../src/core/probing.ts';
import type { PodRecord, World } from '../../src/core/world.ts';
import { broken, isLive, type SimNode } from './node.ts';
import type { TakenTurn } from './runner.ts';

const ENDING: ReadonlySet<ActionKind> = new Set([
  'preStop',
  'stopContainer',
  'stopSandbox',
  'removeContainer',
  'removeSandbox',
  'tearDownPod',
  'removeLogs',
]);
const BEGINNING: ReadonlySet<ActionKind> = new Set(['setUpPod', 'createSandbox', 'startContainer', 'startCreated']);
const CANCELLABLE: ReadonlySet<ActionKind> = new Set([
  'inspectImage',
  'pullImage',
  'probe',
  'postStart',
  'preStop',
  'refreshVolumes',
  'refreshHosts',
  'resizePod',
]);
const FLOOR_MS = 2_000;

export interface ChecksContext {
  readonly node: SimNode;
  /** The shortest grace period that any version of a pod has asked for, in seconds, by uid. */
  readonly graces: ReadonlyMap<string, number>;
}

/** The rules for one life of the runner. */
export class Checks {
  readonly #context: ChecksContext;
  /** Since when the outcome of something is in doubt, by uid. */
  readonly #doubts = new Map<string, number>();
  readonly #delivered = new Map<string, ReadonlySet<string>>();
  readonly #restarts = new Map<string, number>();
  /** The highest number of an instance that the core has heard of, by "uid/container". */
  readonly #numbers = new Map<string, number>();
  /** When the end of a container was handed out, for as long as that has not failed. */
  readonly #ends = new Map<string, number>();

  constructor(context: ChecksContext) {
    this.#context = context;
  }

  turned({ before, inputs, turn, inFlight }: TakenTurn): void {
    const { world, actions, cancel } = turn;
    for (const input of inputs) this.#hear(input);
    const ids = new Set(inFlight);
    for (const action of actions) {
      const id = actionId(action);
      if (ids.has(id)) broken(`${id} is handed out while it is in flight`);
      ids.add(id);
      this.#expectAllowed(world, action);
    }
    this.#expectSameInFlight(world, ids);
    for (const id of cancel) {
      if (!CANCELLABLE.has(id.split('/')[0] as ActionKind)) broken(`${id} is cancelled, though it may have happened`);
    }
    if (world.events.length > world.settings.eventsMax) broken('there are more events than allowed');
    for (const uid of before.pods.keys()) if (!world.pods.has(uid)) this.#forget(uid);
    for (const record of world.pods.values()) {
      const old = before.pods.get(record.uid);
      if (record !== old) this.#expectSteady(old, record);
    }
  }

  /** What comes again after everything of it was removed begins from the beginning. */
  #forget(uid: string): void {
    for (const map of [this.#restarts, this.#numbers]) {
      for (const id of map.keys()) if (id.startsWith(`${uid}/`)) map.delete(id);
    }
  }

  #hear(input: Input): void {
    if (input.kind === 'sourceSnapshot') this.#delivered.set(input.source, new Set(input.pods.map((p) => p.uid)));
    if (input.kind === 'outcome' && !input.result.ok && input.result.fault.kind === 'unknownOutcome') {
      this.#doubts.set(input.action.podUid, input.at.mono);
    }
    if (input.kind === 'outcome') this.#hearNumbers(input);
    if (input.kind === 'outcome' && input.action.kind === 'stopContainer' && !input.result.ok) {
      this.#ends.delete(input.action.containerId);
    }
    if (input.kind !== 'observed') return;
    for (const c of input.observation.containers) this.#hearNumber(c.podUid, c.name, c.attempt);
    for (const [uid, since] of this.#doubts) {
      const covers = input.observation.podUid === undefined || input.observation.podUid === uid;
      if (covers && input.startedAt >= since) this.#doubts.delete(uid);
    }
  }

  #hearNumbers({ action, result }: Extract<Input, { kind: 'outcome' }>): void {
    const { podUid } = action;
    const { container, lastAttempts = {} } = result.facts;
    if (container !== undefined) this.#hearNumber(podUid, container.name, container.attempt);
    for (const [name, attempt] of Object.entries(lastAttempts)) this.#hearNumber(podUid, name, attempt);
    if (action.kind === 'startContainer' && result.ok) this.#hearNumber(podUid, action.container, action.attempt);
  }

  #hearNumber(uid: string, name: string, attempt: number): void {
    const id = `${uid}/${name}`;
    this.#numbers.set(id, Math.max(attempt, this.#numbers.get(id) ?? -1));
  }

  #expectAllowed(world: World, action: Action): void {
    const id = actionId(action);
    const record = world.pods.get(action.podUid);
    if (record === undefined) broken(`${id} is for a pod that is not known`);
    if (this.#doubts.has(record.uid)) broken(`${id} is handed out while an outcome is in doubt`);
    if (!world.runtime.observed) broken(`${id} is handed out before the runtime has been looked at`);
    if (ENDING.has(action.kind)) this.#expectSourcesHeard(world, record, id);
    if (BEGINNING.has(action.kind)) this.#expectMayBegin(world, record, id);
    if (action.kind === 'startContainer') {
      const known = this.#numbers.get(`${record.uid}/${action.container}`) ?? -1;
      if (action.attempt <= known) broken(`${id} makes number ${action.attempt}, though number ${known} has been`);
    }
    if (action.kind === 'stopContainer') this.#expectGrace(world, record, action);
    if (action.kind !== 'stopContainer' && action.kind !== 'preStop') return;
    if (!this.#ends.has(action.containerId)) this.#ends.set(action.containerId, world.now.mono);
  }

  /** Nobody ends a pod for being unwanted before everybody has been asked. */
  #expectSourcesHeard(world: World, record: PodRecord, id: string): void {
    const isComplete = Object.keys(world.sources).every((source) => this.#delivered.has(source));
    const isUnwanted = ['removed', 'replaced', 'orphaned'].includes(record.termination?.cause ?? '');
    if (!isComplete && isUnwanted) broken(`${id} comes before every source has delivered`);
  }

  #expectMayBegin(world: World, record: PodRecord, id: string): void {
    if (world.draining || world.stopped[record.key] !== undefined) broken(`${id} begins what is to end`);
    if (!record.wanted || record.stage !== 'sync') broken(`${id} is for a pod that ends`);
    for (const other of world.pods.values()) {
      if (other.key !== record.key || other.uid === record.uid) continue;
      if (other.stage !== 'terminated') broken(`${id} begins before version ${other.uid} has ended`);
      if (this.#context.node.volumes.has(other.uid))
        broken(`${id} begins before ${other.uid} has given up its volumes`);
    }
  }

  /**
   * What is left of the grace period is counted from when the container truly learned of its end, or from when a call
   * that is still under way was made: nobody can see when in between it was told.
   */
  #expectGrace(
    world: World,
    record: PodRecord,
    { containerId, container, graceSeconds }: Extract<Action, { kind: 'stopContainer' }>,
  ): void {
    const { node, graces } = this.#context;
    const instance = node.containers.get(containerId);
    if (instance === undefined || !isLive(instance)) return;
    // A restart of all containers in place is meant to be quick.
    if (record.restartAll?.stage === 'stopping' && graceSeconds * 1_000 >= FLOOR_MS) return;
    const asked = this.#ends.get(containerId) ?? Number.POSITIVE_INFINITY;
    const begun = Math.min(asked, this.#begun(record, containerId) ?? world.now.mono);
    const spec = Math.min(graces.get(record.uid) ?? 30, ...this.#probeGraces(record, container));
    const due = Math.max(FLOOR_MS, begun + spec * 1_000 - world.now.mono);
    if (graceSeconds * 1_000 < due - 1) {
      const told = node.told.get(containerId);
      broken(`${containerId} of ${record.uid} gets ${graceSeconds}s, is due ${due} ms (told ${told}, spec ${spec}s)`);
    }
  }

  #begun(record: PodRecord, containerId: string): number | undefined {
    const { node } = this.#context;
    // A call takes its time: the clock may run from when it was handed out.
    const own = this.#ends.get(containerId) ?? node.told.get(containerId);
    const container = node.containers.get(containerId);
    const spec = record.desired?.spec.initContainers?.find((c) => c.name === container?.name);
    if (spec === undefined || !isSidecar(spec)) return own;
    // A sidecar shares the budget of the containers that it waits for.
    const others = record.containers.filter((c) => c.sandboxId === container?.sandboxId);
    const told = others.flatMap((c) => this.#ends.get(c.id) ?? node.told.get(c.id) ?? []);
    return told.length === 0 ? own : Math.min(...told);
  }

  #probeGraces(record: PodRecord, name: string): readonly number[] {
    const all = [...(record.desired?.spec.initContainers ?? []), ...(record.desired?.spec.containers ?? [])];
    const container = all.find((c) => c.name === name);
    if (container === undefined) return [];
    return (['liveness', 'startup'] as const).flatMap((type) => {
      const own = probeOf(container, type)?.terminationGracePeriodSeconds;
      const hasFailed = record.probes[probeKey(name, type)]?.result === 'failure';
      return own === undefined || !hasFailed ? [] : [own];
    });
  }

  #expectSameInFlight(world: World, ids: ReadonlySet<string>): void {
    const known = [...world.pods.values()].flatMap((r) => r.inFlight.map(actionId));
    if (new Set(known).size !== known.length) broken(`something is in flight twice: ${known.join(', ')}`);
    const lost = known.filter((id) => !ids.has(id));
    if (lost.length > 0) broken(`waits for what is not in flight: ${lost.join(', ')}`);
    const forgotten = [...ids].filter((id) => !known.includes(id));
    if (forgotten.length > 0) broken(`has forgotten what is in flight: ${forgotten.join(', ')}`);
    for (const { uid, inFlight } of world.pods.values()) {
      const starts = inFlight.filter((a) => a.kind === 'startContainer' || a.kind === 'startCreated').length;
      if (starts > 1) broken(`${uid} starts ${starts} containers at once`);
    }
  }

  #expectSteady(before: PodRecord | undefined, after: PodRecord): void {
    const { status } = after;
    for (const s of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
      const id = `${after.uid}/${s.name}`;
      const count = s.restartCount ?? 0;
      const known = this.#restarts.get(id) ?? 0;
      if (count < known) broken(`the restart count of ${id} falls from ${known} to ${count}`);
      this.#restarts.set(id, count);
    }
    const was = before?.status?.phase;
    const isOver = (was === 'Succeeded' || was === 'Failed') && before?.refusal === undefined;
    const startsOver = before !== undefined && before.stage !== 'sync' && after.stage === 'sync';
    if (isOver && !startsOver && status?.phase !== was) broken(`${after.uid} was ${was} and is ${status?.phase}`);
  }
}
