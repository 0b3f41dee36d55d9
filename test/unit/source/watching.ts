// Runs a source for one test and hands over what it delivers, one update at a time.
import type { TestContext } from 'node:test';
import type { SourceFailure, SourcePort, SourceSnapshot } from '../../../src/ports/sources.ts';

export type Update = SourceSnapshot | SourceFailure;

export interface Watching {
  /** The next update that was not taken yet; fails after 20 s. */
  next(): Promise<Update>;
  /** Takes updates until one meets the condition. */
  until(condition: (update: Update) => boolean): Promise<Update>;
  /** Everything taken so far and everything not taken yet. */
  readonly all: readonly Update[];
  stop(): Promise<void>;
}

export function startWatching(context: TestContext, source: SourcePort): Watching {
  const controller = new AbortController();
  const all: Update[] = [];
  let taken = 0;
  let arrived = (): void => {};
  const done = source.watch((update) => {
    all.push(update);
    arrived();
  }, controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  context.after(stop);

  async function next(): Promise<Update> {
    const deadline = AbortSignal.timeout(20_000);
    while (taken >= all.length) {
      await new Promise<void>((resolve, reject) => {
        arrived = resolve;
        deadline.addEventListener('abort', () => reject(new Error(`No update after ${JSON.stringify(all)}`)));
      });
    }
    const update = all[taken];
    taken += 1;
    if (update === undefined) throw new Error('unreachable');
    return update;
  }

  return {
    all,
    next,
    stop,
    async until(condition) {
      for (;;) {
        const update = await next();
        if (condition(update)) return update;
      }
    },
  };
}

/** Locations with their text; "failure: …" for a failure. */
export function texts(update: Update): { readonly [location: string]: string } | string {
  if (update.kind === 'failure') return `failure: ${update.message}`;
  return Object.fromEntries(update.files.map((file) => [file.location, Buffer.from(file.bytes).toString()]));
}

export function skips(update: Update): readonly string[] {
  if (update.kind === 'failure') return [];
  return update.skipped.map(({ location, kind, reason }) => `${kind}: ${location} ${reason}`);
}
