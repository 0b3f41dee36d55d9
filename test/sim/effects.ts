// How actions are carried out in simulated time: each is a generator that waits between its steps, as the executor's
// handlers wait for answers. Calls to the runtime fail in every way that a call can; what the caller is told is then
// not always what has happened.
import type { DesiredContainer, DesiredPod } from '../../src/api/desiredPod.ts';
import type { Fault } from '../../src/api/fault.ts';
import type { Action } from '../../src/core/action.ts';
import type { ActionResult, Facts } from '../../src/core/input.ts';
import { assertNever } from '../../src/lib/assert.ts';
import { err, ok, type Result } from '../../src/lib/result.ts';
import type { Clock } from './clock.ts';
import { broken, isLive, type SimNode } from './node.ts';
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';

/** Waits for the yielded number of milliseconds. */
export type Steps<T> = Generator<number, T, void>;

/** Who waits for a call. */
export interface Caller {
  /** The runner has died: what is on its way may still happen, nothing more begins. */
  isDead: boolean;
  isCancelled: boolean;
}

/** Thrown within a generator when its runner is dead. */
export class Cut extends Error {}

export interface EffectsContext {
  readonly node: SimNode;
  readonly clock: Clock;
  readonly random: Random;
  readonly swarm: () => Swarm;
}

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;
type Effect<T> = (isLate: boolean) => Result<T, Fault>;

/** How long a caller waits for an answer that does not come. */
const DEADLINE_MS = 10_000;
const HANG_MS = 120_000;

export class Effects {
  readonly #context: EffectsContext;
  readonly #caller: Caller;

  constructor(context: EffectsContext, caller: Caller) {
    this.#context = context;
    this.#caller = caller;
  }

  perform(action: Action): Steps<ActionResult> {
    switch (action.kind) {
      case 'setUpPod':
        return this.#setUpPod(action);
      case 'createSandbox':
        return this.#createSandbox(action);
      case 'inspectImage':
        return this.#inspectImage(action);
      case 'pullImage':
        return this.#pullImage(action);
      case 'startContainer':
        return this.#startContainer(action);
      case 'startCreated':
        return this.#start(action.containerId, action.pod);
      case 'stopContainer':
        return this.#stopContainer(action);
      case 'probe':
        return this.#probe();
      case 'postStart':
      case 'preStop':
        return this.#hook(action);
      case 'stopSandbox':
        return this.#plainCall('FailedKillPod', (isLate) => this.#context.node.stopSandbox(action.sandboxId, isLate));
      case 'removeContainer':
        return this.#plainCall('FailedRemoveContainer', (isLate) =>
          this.#context.node.removeContainer(action.containerId, isLate),
        );
      case 'removeSandbox':
        return this.#plainCall('FailedRemovePodSandbox', (isLate) =>
          this.#context.node.removeSandbox(action.sandboxId, isLate),
        );
      case 'tearDownPod':
        return this.#onDisk(() => this.#context.node.tearDown(action.podUid));
      case 'refreshVolumes':
      case 'refreshHosts':
      case 'measureVolumes':
      case 'signalContainer':
      case 'resizePod':
        return this.#onDisk(() => undefined);
      case 'removeLogs':
        return this.#onDisk(() => this.#context.node.logs.delete(action.podUid));
      default:
        return assertNever(action);
    }
  }

  *#setUpPod({ pod }: Of<'setUpPod'>): Steps<ActionResult> {
    const { node } = this.#context;
    const result = yield* this.#onDisk(() => node.volumes.add(pod.uid));
    return result.ok ? done({ lastAttempts: node.lastAttempts(pod.uid) }) : result;
  }

  *#createSandbox({ pod, attempt }: Of<'createSandbox'>): Steps<ActionResult> {
    const { node } = this.#context;
    const made = yield* this.#call('FailedCreatePodSandBox', (isLate) => node.runSandbox(pod, attempt, isLate));
    if (!made.ok) return failed(made.error);
    const seen = yield* this.#call('FailedPodSandBoxStatus', () => found(node.sandboxes.get(made.value.id)));
    return seen.ok ? done({ sandbox: seen.value }) : failed(seen.error);
  }

  *#inspectImage({ pod, container, image }: Of<'inspectImage'>): Steps<ActionResult> {
    const { node } = this.#context;
    const seen = yield* this.#call('ImageInspectError', () => ok(node.image(image)));
    if (this.#caller.isCancelled) return CANCELLED;
    if (!seen.ok) return failed(seen.error);
    const isNever = containerOf(pod, container).imagePullPolicy === 'Never';
    if (seen.value === 'absent' && isNever) {
      return failed({ kind: 'refused', reason: 'ErrImageNeverPull', message: `${image} is not present` });
    }
    return done({ image: seen.value });
  }

  *#pullImage({ image }: Of<'pullImage'>): Steps<ActionResult> {
    const { node, random } = this.#context;
    yield random.delay(this.#context.swarm().callMs * 10);
    if (this.#caller.isCancelled) return CANCELLED;
    const pulled = yield* this.#call('ErrImagePull', () => {
      node.images.add(image);
      return ok(node.image(image));
    });
    if (this.#caller.isCancelled) return CANCELLED;
    return pulled.ok ? done({ image: pulled.value, pulledMs: 5 }) : failed(pulled.error);
  }

  *#startContainer({ pod, container: name, sandbox, attempt }: Of<'startContainer'>): Steps<ActionResult> {
    const { node } = this.#context;
    if (!node.volumes.has(pod.uid)) broken(`container ${name} of ${pod.uid} is started without volumes`);
    const container = containerOf(pod, name);
    const request = { pod, container, sandboxId: sandbox.id, attempt };
    const created = yield* this.#call('CreateContainerError', (isLate) => node.createContainer(request, isLate));
    if (!created.ok) return failed(created.error);
    return yield* this.#start(created.value, pod);
  }

  *#start(id: string, pod: DesiredPod): Steps<ActionResult> {
    const { node, random } = this.#context;
    const fails = random.chance(this.#context.swarm().startError);
    const started = yield* this.#call('RunContainerError', (isLate) => node.startContainer(id, pod, { isLate, fails }));
    const facts = yield* this.#inspect(id);
    return started.ok ? done(facts) : failed(started.error, facts);
  }

  *#stopContainer({ containerId: id, graceSeconds }: Of<'stopContainer'>): Steps<ActionResult> {
    const { node } = this.#context;
    const told = yield* this.#call('FailedKillPod', () => ok(node.term(id, graceSeconds * 1_000)));
    if (!told.ok) return failed(told.error);
    yield told.value;
    if (this.#caller.isDead) throw new Cut();
    const container = node.containers.get(id);
    if (container !== undefined && isLive(container)) return failed(noAnswer('FailedKillPod'));
    return done(yield* this.#inspect(id));
  }

  *#inspect(id: string): Steps<Facts> {
    const { node } = this.#context;
    const seen = yield* this.#call('RuntimeObservation', () => found(node.containers.get(id)));
    return seen.ok ? { container: seen.value } : {};
  }

  *#probe(): Steps<ActionResult> {
    const { random, swarm, node } = this.#context;
    yield random.delay(swarm().callMs);
    if (this.#caller.isDead) throw new Cut();
    if (this.#caller.isCancelled) return CANCELLED;
    if (!node.isUp) return done({ verdict: { result: 'error', output: 'no runtime' } });
    const result = random.chance(swarm().probeFailure)
      ? random.pick(['failure', 'failure', 'error'] as const)
      : 'success';
    return done({ verdict: { result, output: result } });
  }

  *#hook({ kind, containerId, timeoutMs = HANG_MS }: Of<'postStart' | 'preStop'>): Steps<ActionResult> {
    const { random, swarm, node } = this.#context;
    const reason = kind === 'postStart' ? 'PostStartHookError' : 'FailedPreStopHook';
    if (kind === 'preStop') node.tell(containerId);
    const hangs = random.chance(swarm().hookFailure / 2);
    yield Math.min(hangs ? HANG_MS : random.delay(swarm().callMs * 5), timeoutMs);
    if (this.#caller.isDead) throw new Cut();
    const says = this.#caller.isCancelled || hangs || random.chance(swarm().hookFailure);
    return says ? failed({ kind: 'refused', reason, message: 'handler failed' }) : done();
  }

  *#plainCall(reason: string, effect: (isLate: boolean) => void): Steps<ActionResult> {
    const answer = yield* this.#call(reason, (isLate) => ok(effect(isLate)));
    return answer.ok ? done() : failed(answer.error);
  }

  /** Work of the runner itself: it dies with it, done or not done. */
  *#onDisk(effect: () => void): Steps<ActionResult> {
    const { random, swarm } = this.#context;
    yield random.delay(swarm().callMs);
    if (this.#caller.isDead) throw new Cut();
    if (random.chance(swarm().refused)) {
      return failed({ kind: 'refused', reason: 'FailedMount', message: 'the disk says no' });
    }
    effect();
    return done();
  }

  /** One call to the runtime. */
  *#call<T>(reason: string, effect: Effect<T>): Steps<Result<T, Fault>> {
    const { node, clock, random, swarm } = this.#context;
    if (this.#caller.isDead) throw new Cut();
    if (!node.isUp) return err(unavailable(reason));
    yield random.delay(swarm().callMs);
    if (!node.isUp) return err(unavailable(reason));
    const { refused, unavailable: away, unanswered } = swarm();
    if (random.chance(refused)) return err({ kind: 'refused', reason, message: 'the runtime says no' });
    if (random.chance(away)) return err(unavailable(reason));
    if (this.#caller.isDead) {
      if (random.chance(0.5)) effect(true);
      throw new Cut();
    }
    if (random.chance(unanswered)) {
      const what = random.pick(['done', 'late', 'never']);
      if (what === 'done') effect(false);
      if (what === 'late') clock.after(random.delay(2 * DEADLINE_MS), () => node.isUp && effect(true));
      yield random.chance(0.5) ? random.delay(100) : DEADLINE_MS;
      return err(noAnswer(reason));
    }
    const { life } = node;
    const answer = effect(false);
    yield random.delay(swarm().callMs / 4);
    return node.life === life ? answer : err(noAnswer(reason));
  }
}

const CANCELLED: ActionResult = {
  ok: false,
  fault: { kind: 'cancelled', reason: 'Cancelled', message: 'Nobody waits' },
  facts: {},
};

function done(facts: Facts = {}): ActionResult {
  return { ok: true, facts };
}

function failed(fault: Fault, facts: Facts = {}): ActionResult {
  return { ok: false, fault, facts };
}

function unavailable(reason: string): Fault {
  return { kind: 'unavailable', reason, message: 'the runtime is not there' };
}

function noAnswer(reason: string): Fault {
  return { kind: 'unknownOutcome', reason, message: 'no answer' };
}

function found<T>(value: T | undefined): Result<T, Fault> {
  return value === undefined ? err({ kind: 'notFound', reason: 'RuntimeObservation', message: 'gone' }) : ok(value);
}

function containerOf(pod: DesiredPod, name: string): DesiredContainer {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return all.find((c) => c.name === name) ?? broken(`pod ${pod.key} has no container ${name}`);
}
