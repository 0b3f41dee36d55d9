// A time limit that does not punish the other side for our own standstill: when the timer itself comes late (the process
// was stopped, or the event loop was busy), what has arrived meanwhile is read first.

/** The timer came this much late: we stood still, not they. */
const LATE_MS = 100;
/** Time to read what had arrived. */
const CATCH_UP_MS = 200;

export interface Deadline extends Disposable {
  /** Aborts when time is up or the caller gives up. */
  readonly signal: AbortSignal;
  /** True once time is up. */
  isOver(): boolean;
}

export function startDeadline(ms: number, caller: AbortSignal): Deadline {
  const time = new AbortController();
  const dueAt = performance.now() + ms;
  let timer = setTimeout(() => {
    const isLate = performance.now() - dueAt > LATE_MS;
    if (!isLate) return time.abort();
    timer = setTimeout(() => time.abort(), CATCH_UP_MS);
  }, ms);
  return {
    signal: AbortSignal.any([time.signal, caller]),
    isOver: () => time.signal.aborted,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
