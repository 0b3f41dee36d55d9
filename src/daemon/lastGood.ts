// The last good texts of every manifest file, on disk: what is broken, unreadable or out of reach while the runner is
// down must not take its pods with it. One checksummed state file per source and location; a torn one counts as none.
// A file of several documents may be in force from several texts: the newest for what it says well, an older one for
// the document that is broken in it.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SourceKind } from '../api/desiredPod.ts';
import { sha256Hex } from '../lib/hash.ts';
import type { Variables } from '../manifest/variables.ts';
import { readState, writeState } from '../platform/stateFile.ts';
import type { Logger } from '../telemetry/log.ts';

/** One text and what of it is in force. */
export interface KeptText {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly signature?: Uint8Array;
  /** The variables that it was read with, when it refers to any. */
  readonly variables?: Variables;
  /** Keys of pods and objects. */
  readonly pods: readonly string[];
  readonly objects: readonly string[];
}

export interface KeptFile {
  readonly source: string;
  readonly sourceKind: SourceKind;
  readonly location: string;
  /** Which directory it stood in. */
  readonly home: string | undefined;
  readonly texts: readonly KeptText[];
  /** Keys of pods that run only because their removal waits for a person. */
  readonly held: readonly string[];
}

export interface LastGood {
  /** What was kept of a source before this start; asked once. */
  recall(source: string): readonly KeptFile[];
  keep(file: KeptFile): void;
  /** The file is gone, and its pods with it. */
  forget(source: string, location: string): void;
  /** Resolves when everything said so far is on disk. */
  written(): Promise<void>;
}

interface Stored extends Omit<KeptFile, 'texts' | 'home'> {
  readonly home: string | null;
  readonly texts: readonly (Omit<KeptText, 'bytes' | 'signature'> & {
    readonly text: string;
    readonly signed?: string;
  })[];
}

/** Written at the same time: a disk orders several syncs better than one after the other. */
const WRITERS_MAX = 8;

export async function openLastGood(directory: string, log: Logger): Promise<LastGood> {
  const recalled = Map.groupBy(await readFiles(directory, log), ({ source }) => source);
  const fingerprints = new Map<string, string>();
  for (const file of [...recalled.values()].flat()) fingerprints.set(nameOf(file), fingerprintOf(file));
  /** By file name; what is said later replaces what has not been written yet. undefined: remove it. */
  const due = new Map<string, KeptFile | undefined>();
  const writers = new Set<Promise<void>>();
  /** One file is never written and removed at the same time. */
  const busy = new Set<string>();

  function enqueue(name: string, file: KeptFile | undefined): void {
    due.set(name, file);
    if (writers.size >= WRITERS_MAX) return;
    const writer: Promise<void> = drain().finally(() => writers.delete(writer));
    writers.add(writer);
  }

  async function drain(): Promise<void> {
    for (;;) {
      const name = [...due.keys()].find((candidate) => !busy.has(candidate));
      if (name === undefined) return;
      const file = due.get(name);
      due.delete(name);
      busy.add(name);
      const location = path.join(directory, name);
      try {
        await (file === undefined ? rm(location, { force: true }) : writeState(location, encode(file)));
      } catch (err) {
        // Said again at the next change of the file; the pods run either way.
        fingerprints.delete(name);
        log.error({ location: file?.location, err }, 'Failed to keep the last good manifest');
      }
      busy.delete(name);
    }
  }

  return {
    recall(source) {
      const files = recalled.get(source) ?? [];
      recalled.delete(source);
      return files;
    },
    keep(file) {
      const name = nameOf(file);
      const fingerprint = fingerprintOf(file);
      if (fingerprints.get(name) === fingerprint) return;
      fingerprints.set(name, fingerprint);
      enqueue(name, file);
    },
    forget(source, location) {
      const name = nameOf({ source, location });
      if (fingerprints.delete(name)) enqueue(name, undefined);
    },
    async written() {
      while (writers.size > 0) await Promise.all(writers);
    },
  };
}

/** Two URLs that differ in what is hidden share a location, not a source. */
function nameOf({ source, location }: Pick<KeptFile, 'source' | 'location'>): string {
  return `${sha256Hex(`${source}\n${location}`).slice(0, 32)}.json`;
}

function fingerprintOf({ texts, held, home }: KeptFile): string {
  return JSON.stringify([texts.map(({ digest, pods, objects }) => [digest, pods, objects]), held, home ?? null]);
}

function encode({ texts, home, ...rest }: KeptFile): Stored {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const encoded = texts.map(({ bytes, signature, ...text }) => ({
    ...text,
    text: base64(bytes),
    ...(signature === undefined ? {} : { signed: base64(signature) }),
  }));
  return { ...rest, home: home ?? null, texts: encoded };
}

function decode({ texts, home, ...rest }: Stored): KeptFile {
  const decoded = texts.map(({ text, signed, ...other }) => ({
    ...other,
    bytes: Buffer.from(text, 'base64'),
    ...(signed === undefined ? {} : { signature: Buffer.from(signed, 'base64') }),
  }));
  return { ...rest, home: home ?? undefined, texts: decoded };
}

async function readFiles(directory: string, log: Logger): Promise<readonly KeptFile[]> {
  const names = await readdir(directory).catch(() => []);
  const files: KeptFile[] = [];
  for (const name of names.filter((n) => n.endsWith('.json') && !n.startsWith('.'))) {
    const file = path.join(directory, name);
    const state = await readState(file);
    if (!state.ok) log.warn({ file, err: state.error }, 'Ignored a damaged state file');
    else if (isStored(state.value)) files.push(decode(state.value));
  }
  return files.sort((a, b) => (a.location < b.location ? -1 : 1));
}

/** The checksum has proved that it is what was written; this tells the layout of another version apart. */
function isStored(value: unknown): value is Stored {
  if (typeof value !== 'object' || value === null) return false;
  const { source, location, texts, held } = value as { readonly [key: string]: unknown };
  return typeof source === 'string' && typeof location === 'string' && Array.isArray(texts) && Array.isArray(held);
}
