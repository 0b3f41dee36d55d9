// What operators stopped, kept over restarts of the runner: the one thing that the runtime can't remember.
import type { World } from '../core/world.ts';
import { readState, writeState } from '../platform/stateFile.ts';
import type { Logger } from '../telemetry/log.ts';

export interface StoppedFile {
  readonly initial: World['stopped'];
  /** Writes when it differs from what was written last. */
  keep(stopped: World['stopped']): void;
  /** Resolves when everything kept so far is on disk. */
  written(): Promise<void>;
}

export async function createStoppedFile(file: string, log: Logger): Promise<StoppedFile> {
  const read = await readState(file);
  if (!read.ok) log.error({ file, err: read.error }, 'Failed to read which pods are stopped');
  const initial = read.ok ? decode(read.value) : {};
  let latest = JSON.stringify(initial);
  let writing: Promise<void> = Promise.resolve();

  return {
    initial,
    keep(stopped) {
      const text = JSON.stringify(stopped);
      if (text === latest) return;
      latest = text;
      writing = writing
        .then(() => writeState(file, stopped))
        .catch((error: unknown) => log.error({ file, err: error }, 'Failed to record which pods are stopped'));
    },
    written: () => writing,
  };
}

function decode(value: unknown): World['stopped'] {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
