// The one place where things happen over time: drains a queue of inputs, takes a turn, hands out actions, publishes,
// and sleeps until the next input or the earliest wake-up. Everything it decides comes from core/turn.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../api/fault.ts';
import type { Instant } from '../api/time.ts';
import type { Action } from '../core/action.ts';
import type { ActionResult, Input } from '../core/input.ts';
import { takeTurn } from '../core/turn.ts';
import type { World } from '../core/world.ts';
import type { ImagesPort, RuntimePort } from '../ports/runtime.ts';
import type { Logger } from '../telemetry/log.ts';

/** A look at everything, where events tell of changes, and where nothing does. */
const LOOK_PERIOD_WITH_EVENTS_MS = 10_000;
const LOOK_PERIOD_WITHOUT_EVENTS_MS = 1_000;
/** How soon a runtime that can't be reached is asked again. */
const RECONNECT_MS = 500;
/** Node timers overflow beyond this. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** An input without its stamp: the loop adds the time. */
export type Fact = DistributiveOmit<Input, 'at'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface LoopOptions {
  readonly world: World;
  readonly runtime: RuntimePort & ImagesPort;
  readonly now: () => Instant;
  readonly log: Logger;
  readonly execute: (action: Action) => void;
  readonly cancel: (actionId: string) => void;
  /** Called after each turn that changed the world. */
  readonly changed: (world: World) => void;
}

export interface Loop {
  readonly world: () => World;
  /** Hands in a fact; it is folded in the next turn. */
  tell(fact: Fact): void;
  outcome(action: Action, result: ActionResult): void;
  /** Looks at the runtime until aborted. */
  watchRuntime(signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createLoop(options: LoopOptions): Loop {
  const { runtime, now, log } = options;
  let world = options.world;
  let queue: Input[] = [];
  let turnIsDue = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let resting = new AbortController();
  const looks = createLooks({ look });

  function tell(fact: Fact): void {
    if (closed) return;
    queue.push({ ...fact, at: now() } as Input);
    if (turnIsDue) return;
    turnIsDue = true;
    setImmediate(turn);
  }

  function turn(): void {
    turnIsDue = false;
    if (closed) return;
    const inputs = queue;
    queue = [];
    const before = world;
    const result = takeTurn(world, inputs);
    world = result.world;
    for (const id of result.cancel) options.cancel(id);
    for (const action of result.actions) {
      log.debug({ action: action.kind, podUID: action.podUid, because: action.because }, 'Planned action');
      options.execute(action);
    }
    for (const uid of result.observe) looks.request(uid);
    arm(result.wakeAt);
    if (world !== before) options.changed(world);
  }

  function arm(wakeAt: number | undefined): void {
    clearTimeout(timer);
    if (wakeAt === undefined) return;
    const delay = Math.min(Math.max(0, Math.ceil(wakeAt - now().mono)), LONGEST_SLEEP_MS);
    timer = setTimeout(() => tell({ kind: 'wake' }), delay);
  }

  /** One look at the runtime, at everything or at one pod. */
  async function look(podUid: string | undefined, signal: AbortSignal): Promise<void> {
    const startedAt = now().mono;
    const seen = await runtime.observe(podUid === undefined ? {} : { podUid }, signal);
    if (signal.aborted) return;
    if (seen.ok) tell({ kind: 'observed', startedAt, observation: seen.value });
    else lost(seen.error);
  }

  function lost(fault: Fault): void {
    if (fault.kind === 'cancelled') return;
    tell({ kind: 'runtimeLost', fault });
    hurry();
  }

  /** Ends the wait for the next check of the runtime, when something says that it may not be there. */
  function hurry(): void {
    if (world.runtime.ready) resting.abort();
  }

  async function checkRuntime(signal: AbortSignal): Promise<boolean> {
    const [version, status] = await Promise.all([runtime.version(signal), runtime.status(signal)]);
    if (signal.aborted) return false;
    if (version.ok && status.ok) {
      tell({ kind: 'runtimeStatus', status: status.value, version: version.value });
      return status.value.runtime.ok;
    }
    for (const answer of [version, status]) if (!answer.ok) lost(answer.error);
    return false;
  }

  async function watchRuntime(signal: AbortSignal): Promise<void> {
    const events = { served: true };
    looks.start(signal);
    void runtime
      .watch((podUid) => looks.request(podUid), signal)
      .then((served) => {
        events.served = served;
      });
    while (!signal.aborted) {
      const reachable = await checkRuntime(signal);
      if (reachable) await looks.all();
      const settled = reachable && world.runtime.ready && world.runtime.networkReady;
      const period = events.served ? LOOK_PERIOD_WITH_EVENTS_MS : LOOK_PERIOD_WITHOUT_EVENTS_MS;
      resting = new AbortController();
      const rest = AbortSignal.any([signal, resting.signal]);
      await sleep(settled ? period : RECONNECT_MS, undefined, { signal: rest, ref: false }).catch(() => undefined);
    }
  }

  return {
    world: () => world,
    tell,
    outcome(action, result) {
      if (!result.ok) log.warn({ action: action.kind, podUID: action.podUid, ...result.fault }, 'Action failed');
      tell({ kind: 'outcome', action, result });
      if (!result.ok && result.fault.kind === 'unavailable') hurry();
    },
    watchRuntime,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

interface Looks {
  start(signal: AbortSignal): void;
  request(podUid: string | undefined): void;
  /** Resolves after a look at everything that begins now or later. */
  all(): Promise<void>;
}

/** At most one look at a target is under way; a request meanwhile leads to one more, so that no change is missed. */
function createLooks({ look }: { look: (podUid: string | undefined, signal: AbortSignal) => Promise<void> }): Looks {
  const underWay = new Map<string | undefined, { again: boolean }>();
  let stop: AbortSignal | undefined;

  async function run(podUid: string | undefined): Promise<void> {
    const state = { again: true };
    underWay.set(podUid, state);
    while (state.again && stop !== undefined && !stop.aborted) {
      state.again = false;
      await look(podUid, stop);
    }
    underWay.delete(podUid);
  }

  function request(podUid: string | undefined): void {
    const state = underWay.get(podUid);
    if (state !== undefined) state.again = true;
    else void run(podUid);
  }

  return {
    start(signal) {
      stop = signal;
    },
    request,
    async all() {
      const state = underWay.get(undefined);
      if (state === undefined) await run(undefined);
      else state.again = true;
    },
  };
}
