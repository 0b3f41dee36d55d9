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

/** A controller of its own rather than AbortSignal.any, which Node keeps while a caller's signal lives. */
export function startDeadline(ms: number, caller: AbortSignal): Deadline {
  const controller = new AbortController();
  const dueAt = performance.now() + ms;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    controller.abort();
  };
  const giveUp = (): void => controller.abort();
  let timer = setTimeout(() => {
    if (performance.now() - dueAt <= LATE_MS) end();
    else timer = setTimeout(end, CATCH_UP_MS);
  }, ms);
  caller.addEventListener('abort', giveUp);
  if (caller.aborted) giveUp();
  return {
    signal: controller.signal,
    isOver: () => isOver,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', giveUp);
    },
  };
}
