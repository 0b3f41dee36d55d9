// The first signal asks the runner to end, the second ends the process at once.

type EndSignal = 'SIGINT' | 'SIGTERM';

export interface Signals {
  readonly first: Promise<EndSignal>;
  /** Aborts with the first signal, for what is under way before the runner stands. */
  readonly aborted: AbortSignal;
}

const EXIT_CODES: { readonly [signal in EndSignal]: number } = { SIGINT: 130, SIGTERM: 143 };

export function nextSignal(): Signals {
  const controller = new AbortController();
  const first = new Promise<EndSignal>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (controller.signal.aborted) process.exit(EXIT_CODES[signal]);
        controller.abort();
        resolve(signal);
      });
    }
  });
  return { first, aborted: controller.signal };
}
