// What the runtime can't remember, kept in a small file over restarts of the runner.
import { setTimeout as sleep } from 'node:timers/promises';
import { PROBE_TYPES, type ProbeType } from '../api/probeVerdict.ts';
import type { World } from '../core/world.ts';
import { readState, writeState } from '../platform/stateFile.ts';
import type { Logger } from '../telemetry/log.ts';

export interface KeptFile<T> {
  readonly initial: T;
  /** Writes when it differs from what was written last. */
  keep(value: T): void;
  /** Resolves when everything kept so far is on disk. */
  written(): Promise<void>;
}

export interface Kind<T> {
  /** What is kept, for the log. */
  readonly what: string;
  readonly decode: (value: unknown) => T;
  /** Changes that come within this time are written together: not each of them is worth a write to a flash disk. */
  readonly restMs: number;
}

/** What operators stopped. */
export const STOPPED: Kind<World['stopped']> = { what: 'which pods are stopped', decode: decodeStopped, restMs: 0 };

/** Which instances had started and were ready, so that a restart of the runner does not make them look unwell. */
export const CARRIED: Kind<World['carried']> = { what: 'what probes have told', decode: decodeCarried, restMs: 5_000 };

export async function openKeptFile<T>(
  file: string,
  { what, decode, restMs }: Kind<T>,
  log: Pick<Logger, 'error'>,
): Promise<KeptFile<T>> {
  const read = await readState(file);
  if (!read.ok) log.error({ file, err: read.error }, `Failed to read ${what}`);
  const initial = decode(read.ok ? read.value : undefined);
  let latest = initial;
  let asked = JSON.stringify(initial);
  let resting: AbortController | undefined;
  let isHurried = false;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    resting = new AbortController();
    if (restMs > 0 && !isHurried)
      await sleep(restMs, undefined, { signal: resting.signal, ref: false }).catch(() => undefined);
    resting = undefined;
    const text = JSON.stringify(latest);
    if (text === asked) return;
    asked = text;
    await writeState(file, latest);
  }

  return {
    initial,
    keep(value) {
      latest = value;
      if (resting !== undefined || JSON.stringify(value) === asked) return;
      writing = writing
        .then(write)
        .catch((error: unknown) => log.error({ file, err: error }, `Failed to record ${what}`));
    },
    async written() {
      isHurried = true;
      resting?.abort();
      await writing;
      isHurried = false;
    },
  };
}

function decodeStopped(value: unknown): World['stopped'] {
  return Object.fromEntries(entries(value).filter((e): e is [string, string] => typeof e[1] === 'string'));
}

function decodeCarried(value: unknown): World['carried'] {
  return Object.fromEntries(
    entries(value).map(([id, types]) => [
      id,
      PROBE_TYPES.filter((type: ProbeType) => isList(types) && types.includes(type)),
    ]),
  );
}

function entries(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
