// Bounds how many calls are in flight. Long calls (stop with grace, exec, pull) have their own lane, so that they never
// keep short ones waiting. Waiters are served in order; one that gives up leaves the queue.

export interface CallGate {
  /** Waits for a turn; @returns the function that ends it, or undefined when the signal aborted first. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createCallGate(inFlightMax: number): CallGate {
  let inFlight = 0;
  const waiting = new Set<() => void>();

  function leave(): void {
    inFlight -= 1;
    const [next] = waiting;
    if (next !== undefined) {
      waiting.delete(next);
      next();
    }
  }

  function take(): () => void {
    inFlight += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  }

  return {
    async enter(signal) {
      if (signal.aborted) return undefined;
      if (inFlight < inFlightMax) return take();
      return await new Promise((resolve) => {
        const turn = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve(take());
        };
        const giveUp = (): void => {
          waiting.delete(turn);
          resolve(undefined);
        };
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(turn);
      });
    },
  };
}
