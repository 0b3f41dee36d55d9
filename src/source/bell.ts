// Waits until something rings or time is up. Rings that come close together wake once, so that a burst of changes costs
// one look; a ring while nobody waits is kept.

/** Long enough for an editor's save to be over, short enough to feel immediate. */
export const DEBOUNCE_MS = 75;

export interface Bell {
  ring(): void;
  /** Resolves after a ring and its debounce, after `ms`, or when the signal aborts. */
  wait(ms: number): Promise<void>;
}

export function createBell(signal: AbortSignal, debounceMs = DEBOUNCE_MS): Bell {
  let debounce: NodeJS.Timeout | undefined;
  let isRung = false;
  let wake = (): void => {};

  signal.addEventListener('abort', () => {
    clearTimeout(debounce);
    wake();
  });

  return {
    ring() {
      if (signal.aborted) return;
      debounce ??= setTimeout(() => {
        debounce = undefined;
        isRung = true;
        wake();
      }, debounceMs);
    },
    async wait(ms) {
      if (!isRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = () => {};
      isRung = false;
    },
  };
}
