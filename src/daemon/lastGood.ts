// The last good text of every manifest file, on disk: a file that is broken while the runner is down must not take its
// pods with it. One checksummed state file per location; a torn one counts as none.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { sha256Hex } from '../lib/hash.ts';
import { readState, writeState } from '../platform/stateFile.ts';
import type { Logger } from '../telemetry/log.ts';

export interface LastGood {
  /** What was kept before this start. */
  recall(location: string): Uint8Array | undefined;
  keep(location: string, digest: string, bytes: Uint8Array): void;
  /** The file is gone, and its pods with it. */
  forget(location: string): void;
  /** Resolves when everything said so far is on disk. */
  written(): Promise<void>;
}

interface Entry {
  readonly location: string;
  readonly digest: string;
  readonly text: string;
}

export async function openLastGood(directory: string, log: Logger): Promise<LastGood> {
  const entries = new Map((await readEntries(directory, log)).map((entry) => [entry.location, entry]));
  const digests = new Map([...entries].map(([location, { digest }]) => [location, digest]));
  let writing: Promise<void> = Promise.resolve();

  function enqueue(change: () => Promise<void>, location: string): void {
    writing = writing
      .then(change)
      .catch((err: unknown) => log.error({ location, err }, 'Failed to keep the last good manifest'));
  }

  return {
    recall(location) {
      const entry = entries.get(location);
      return entry === undefined ? undefined : Buffer.from(entry.text, 'base64');
    },
    keep(location, digest, bytes) {
      if (digests.get(location) === digest) return;
      digests.set(location, digest);
      entries.delete(location);
      const entry: Entry = { location, digest, text: Buffer.from(bytes).toString('base64') };
      enqueue(() => writeState(fileOf(directory, location), entry), location);
    },
    forget(location) {
      entries.delete(location);
      if (digests.delete(location)) enqueue(() => rm(fileOf(directory, location), { force: true }), location);
    },
    written: () => writing,
  };
}

function fileOf(directory: string, location: string): string {
  return path.join(directory, `${sha256Hex(location).slice(0, 32)}.json`);
}

async function readEntries(directory: string, log: Logger): Promise<readonly Entry[]> {
  const names = await readdir(directory).catch(() => []);
  const entries: Entry[] = [];
  for (const name of names.filter((n) => n.endsWith('.json') && !n.startsWith('.'))) {
    const file = path.join(directory, name);
    const state = await readState(file);
    if (!state.ok) log.warn({ file, err: state.error }, 'Ignored a damaged state file');
    else if (isEntry(state.value)) entries.push(state.value);
  }
  return entries;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  return ['location', 'digest', 'text'].every((key) => typeof (value as { [k: string]: unknown })[key] === 'string');
}
