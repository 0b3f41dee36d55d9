// A counting gate: at most `limit` holders, the rest wait in order of arrival.

export interface Gate {
  /** Resolves with the function that gives the place back; at once when aborted, without a place. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createGate(limit: number): Gate {
  let free = limit;
  const queue: (() => void)[] = [];

  function leave(): void {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  }

  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(() => undefined);
      if (free > 0) {
        free--;
        return Promise.resolve(once(leave));
      }
      return new Promise((resolve) => {
        const admit = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve(once(leave));
        };
        const giveUp = (): void => {
          queue.splice(queue.indexOf(admit), 1);
          resolve(() => undefined);
        };
        queue.push(admit);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
