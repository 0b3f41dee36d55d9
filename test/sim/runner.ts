// One life of the runner in simulated time: a queue of inputs, turns of the core, an executor, looks at the runtime.
// The same shell as daemon/loop.ts and executor/executor.ts, with every wait made explicit and random.
import type { DesiredPod } from '../../src/api/desiredPod.ts';
import { NO_FEATURES, type Observation } from '../../src/api/observed.ts';
import { type Action, actionId } from '../../src/core/action.ts';
import type { Input } from '../../src/core/input.ts';
import { type Turn, takeTurn } from '../../src/core/turn.ts';
import { newWorld, type Settings, type World } from '../../src/core/world.ts';
import { type Caller, Cut, Effects, type EffectsContext, type Steps } from './effects.ts';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;
export type Fact = WithoutTime<Input>;

export interface RunnerContext extends EffectsContext {
  readonly settings: Settings;
  /** What each source holds now. */
  readonly documents: { readonly [source: string]: readonly DesiredPod[] };
  readonly stopped: World['stopped'];
  readonly turned: (taken: TakenTurn) => void;
  readonly trace: (...words: readonly unknown[]) => void;
}

export interface TakenTurn {
  readonly before: World;
  readonly inputs: readonly Input[];
  readonly turn: Turn;
  /** Ids of what was in flight before the turn's actions were handed out. */
  readonly inFlight: ReadonlySet<string>;
}

interface Operation {
  readonly action: Action;
  readonly caller: Caller;
  readonly steps: Steps<ReturnType<Effects['perform']> extends Steps<infer R> ? R : never>;
  /** Only the newest wait counts. */
  waits: number;
}

const LOOK_PERIOD_MS = 10_000;
const RECONNECT_MS = 500;

export class SimRunner {
  world: World;
  #isDead = false;
  #queue: Input[] = [];
  #isTurnDue = false;
  #alarm = 0;
  readonly #operations = new Map<string, Operation>();
  readonly #looks = new Map<string, { again: boolean }>();
  readonly #context: RunnerContext;

  constructor(context: RunnerContext) {
    this.#context = context;
    const { settings, documents, stopped, clock } = context;
    this.world = newWorld(settings, Object.keys(documents), { stopped, carried: {} }, clock.now());
  }

  start(): void {
    const { node, documents, random } = this.#context;
    this.tell({ kind: 'podDirectories', podUids: [...node.volumes] });
    this.#watchRuntime();
    for (const source of Object.keys(documents)) this.deliver(source, random.pick([1, 100, 5_000, 30_000]));
  }

  /** What was handed out may still happen; nobody hears of it. */
  kill(): void {
    this.#isDead = true;
    for (const { caller } of this.#operations.values()) caller.isDead = true;
  }

  tell(fact: Fact): void {
    if (this.#isDead) return;
    const { clock, random } = this.#context;
    this.#queue.push({ ...fact, at: clock.now() } as Input);
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#after(random.chance(0.9) ? 0 : random.delay(5), () => this.#turn());
  }

  /** A source hands in what it holds by then. */
  deliver(source: string, afterMs: number): void {
    this.#after(afterMs, () => {
      this.tell({ kind: 'sourceSnapshot', source, pods: this.#context.documents[source] ?? [] });
    });
  }

  /** The runtime says that something of a pod has changed. */
  notice(podUid: string): void {
    const { random, swarm } = this.#context;
    if (random.chance(swarm().eventLoss)) return;
    this.#after(random.delay(5), () => this.#look(podUid));
  }

  #after(ms: number, run: () => void): void {
    this.#context.clock.after(ms, () => {
      if (!this.#isDead) run();
    });
  }

  #turn(): void {
    this.#isTurnDue = false;
    const inputs = this.#queue;
    this.#queue = [];
    const before = this.world;
    const turn = takeTurn(before, inputs);
    this.world = turn.world;
    this.#context.turned({ before, inputs, turn, inFlight: new Set(this.#operations.keys()) });
    for (const id of turn.cancel) this.#cancel(id);
    for (const action of turn.actions) this.#execute(action);
    for (const uid of turn.observe) this.#look(uid);
    const alarm = ++this.#alarm;
    const { wakeAt } = turn;
    if (wakeAt === undefined) return;
    this.#after(Math.max(0, wakeAt - this.#context.clock.now().mono), () => {
      if (alarm === this.#alarm) this.tell({ kind: 'wake' });
    });
  }

  // --- executor ------------------------------------------------------------------------------------------------------

  #execute(action: Action): void {
    const id = actionId(action);
    const caller: Caller = { isDead: false, isCancelled: false };
    const steps = new Effects(this.#context, caller).perform(action);
    const operation: Operation = { action, caller, steps, waits: 0 };
    this.#operations.set(id, operation);
    this.#context.trace('do', id, this.#words(action));
    this.#advance(id, operation);
  }

  #cancel(id: string): void {
    const operation = this.#operations.get(id);
    if (operation === undefined) return;
    operation.caller.isCancelled = true;
    this.#context.trace('cancel', id);
    this.#wait(id, operation, 1);
  }

  #advance(id: string, operation: Operation): void {
    try {
      const step = operation.steps.next();
      if (!step.done) {
        this.#wait(id, operation, step.value);
        return;
      }
      if (this.#isDead) return;
      this.#operations.delete(id);
      const result = step.value;
      this.#context.trace('done', id, result.ok ? 'ok' : `${result.fault.kind} ${result.fault.message}`);
      this.tell({ kind: 'outcome', action: operation.action, result });
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
    }
  }

  #wait(id: string, operation: Operation, ms: number): void {
    const wait = ++operation.waits;
    this.#context.clock.after(ms, () => {
      if (operation.waits === wait) this.#advance(id, operation);
    });
  }

  #words(action: Action): string {
    const { because } = action;
    if (action.kind === 'stopContainer') return `${action.graceSeconds}s: ${because}`;
    if (action.kind === 'createSandbox' || action.kind === 'startContainer') return `#${action.attempt}: ${because}`;
    return because;
  }

  // --- looks ---------------------------------------------------------------------------------------------------------

  #watchRuntime(): void {
    const { node, random, swarm } = this.#context;
    this.#after(random.delay(swarm().callMs), () => {
      if (!node.isUp) this.#lost();
      else {
        const good = { ok: true, reason: '', message: '' };
        const bad = { ok: false, reason: 'NetworkPluginNotReady', message: 'cni plugin not initialized' };
        const status = { runtime: good, network: node.isNetworkUp ? good : bad, features: NO_FEATURES };
        this.tell({ kind: 'runtimeStatus', status, version: { name: 'sim', version: '1' } });
        this.#look(undefined);
      }
      const { ready, networkReady } = this.world.runtime;
      this.#after(node.isUp && ready && networkReady ? LOOK_PERIOD_MS : RECONNECT_MS, () => this.#watchRuntime());
    });
  }

  #lost(): void {
    this.tell({ kind: 'runtimeLost', fault: { kind: 'unavailable', reason: 'RuntimeNotReady', message: 'not there' } });
  }

  /** One look at a target at a time; a wish for one meanwhile leads to one more. */
  #look(podUid: string | undefined): void {
    const target = podUid ?? '';
    const underWay = this.#looks.get(target);
    if (underWay !== undefined) {
      underWay.again = true;
      return;
    }
    this.#looks.set(target, { again: false });
    this.#lookOnce(podUid, (): void => {
      const again = this.#looks.get(target)?.again === true;
      this.#looks.delete(target);
      if (again) this.#look(podUid);
    });
  }

  /** Sandboxes and containers are not listed at the same moment, and the answer arrives later still. */
  #lookOnce(podUid: string | undefined, done: () => void): void {
    const { node, clock, random, swarm } = this.#context;
    const startedAt = clock.now().mono;
    const isMeant = (o: { readonly podUid: string }): boolean => podUid === undefined || o.podUid === podUid;
    const { life } = node;
    const give = (observation: Observation): void => {
      if (node.isUp && node.life === life) this.tell({ kind: 'observed', startedAt, observation });
      else this.#lost();
    };
    this.#after(random.delay(swarm().lookMs), () => {
      const sandboxes = [...node.sandboxes.values()].filter(isMeant);
      this.#after(random.delay(swarm().lookMs / 10), () => {
        const containers = [...node.containers.values()].filter(isMeant).map((c) => this.#asSeen(c));
        this.#after(random.delay(swarm().lookMs / 2), () => {
          const observation = { ...(podUid === undefined ? {} : { podUid }), sandboxes, containers };
          give(observation);
          if (random.chance(swarm().repeatedLook)) this.#after(random.delay(3_000), () => give(observation));
          done();
        });
      });
    });
  }

  #asSeen(container: Observation['containers'][number]): Observation['containers'][number] {
    const { random, swarm } = this.#context;
    return random.chance(swarm().unknownState) ? { ...container, state: 'unknown' } : container;
  }
}
