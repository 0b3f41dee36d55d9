// containerd announces the end of a process some 26 ms before its CRI shows the container as exited. A look at once would
// see it running and learn nothing, so the change is announced when the CRI has it: a few cheap status calls per exit,
// none while nothing happens.
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits between looks; after the last one the change is announced anyway. Measured lag: 26 ms, 50 at most. */
const LOOK_AFTER_MS = [15, 15, 20, 30, 50, 100, 200];
/** At more exits at a time than this, one look at everything is cheaper. */
const SETTLING_MAX = 32;

/** What the runtime says of one container or sandbox. Not "ours": another runner's, or gone before it was ever seen. */
export type Sighting =
  | { readonly ours: false }
  | { readonly ours: true; readonly podUid: string; readonly alive: boolean };

export interface Settler {
  settle(id: string): void;
}

export function createSettler(
  look: (id: string, signal: AbortSignal) => Promise<Sighting>,
  changed: (podUid: string | undefined) => void,
  signal: AbortSignal,
): Settler {
  const settling = new Set<string>();

  async function announce(id: string): Promise<void> {
    for (const [index, waitMs] of LOOK_AFTER_MS.entries()) {
      await sleep(waitMs, undefined, { signal });
      const seen = await look(id, signal);
      if (!seen.ours) return;
      if (!seen.alive || index === LOOK_AFTER_MS.length - 1) return changed(seen.podUid);
    }
  }

  return {
    settle(id) {
      if (settling.has(id)) return;
      if (settling.size >= SETTLING_MAX) return changed(undefined);
      settling.add(id);
      const forget = (): void => void settling.delete(id);
      // Rejects only when the signal aborts the sleep: then nobody is left to tell.
      announce(id).then(forget, forget);
    },
  };
}
