// Looks at one manifest file and reads it: only regular files, never blocking on a FIFO, never more than the limit,
// and only when it did not change underneath. Follows symbolic links, as mounted configuration is made of them.
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { err, ok, type Result } from '../lib/result.ts';

/** The kubelet's limit for one manifest. */
export const SOURCE_BYTES_MAX = 10 * 1024 * 1024;

export interface FileLook {
  readonly signature: string;
  readonly size: number;
  /** Wall-clock stamps in milliseconds. */
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly identity: string;
}

export type FileTrouble =
  /** No such name (any more). */
  | { readonly kind: 'absent' }
  /** It was written to while it was read. */
  | { readonly kind: 'changing' }
  /** It can never be a manifest. */
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** This process or machine has run out of something: says nothing about the file. */
  | { readonly kind: 'exhausted'; readonly reason: string };

export interface FileContent {
  readonly bytes: Uint8Array;
  /** "sha256:" and hexadecimal digits. */
  readonly digest: string;
}

const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EAGAIN', 'ENOBUFS']);
const OTHERS_WRITE = 0o002;
/** A FIFO or a device must not hold us up between stat and open. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

export async function lookAt(path: string): Promise<Result<FileLook, FileTrouble>> {
  try {
    const stats = await stat(path, { bigint: true });
    const odd = whyNotRegular(stats);
    if (odd !== undefined) return err({ kind: 'ignored', reason: odd });
    const loose = whyLoose(Number(stats.mode));
    return loose === undefined ? ok(encodeLook(stats)) : err({ kind: 'failed', reason: loose });
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind !== 'absent') return err(trouble);
    const isDangling = await lstat(path).then(
      () => true,
      () => false,
    );
    return err(isDangling ? { kind: 'failed', reason: 'is a symbolic link to nothing' } : trouble);
  }
}

/** Reads a file that looked like `look`; anything else by now is 'changing'. */
export async function readContent(path: string, look: FileLook): Promise<Result<FileContent, FileTrouble>> {
  if (look.size > SOURCE_BYTES_MAX) return err({ kind: 'failed', reason: tooLarge(look.size) });
  let file: FileHandle | undefined;
  try {
    file = await open(path, OPEN_FLAGS);
    if (encodeLook(await file.stat({ bigint: true })).signature !== look.signature) return err({ kind: 'changing' });
    const bytes = await readExactly(file, look.size);
    const after = encodeLook(await file.stat({ bigint: true }));
    if (bytes === undefined || after.signature !== look.signature) return err({ kind: 'changing' });
    return ok({ bytes, digest: digestOf(bytes) });
  } catch (error) {
    return err(troubleOf(error));
  } finally {
    await file?.close();
  }
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An errno as a sentence part; undefined code means that it was no error of the system. */
export function troubleOf(error: unknown): FileTrouble {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  if (code === 'ENOENT') return { kind: 'absent' };
  if (EXHAUSTED.has(code)) return { kind: 'exhausted', reason: `cannot be read: ${sentence(code, message)}` };
  return { kind: 'failed', reason: `cannot be read: ${sentence(code, message)}` };
}

/** Pods run as root: whoever can write a manifest owns the machine. @returns undefined when not everybody can */
export function whyLoose(mode: number): string | undefined {
  return (mode & OTHERS_WRITE) === 0 ? undefined : 'has insecure permissions: everybody may write it (chmod o-w)';
}

export function tooLarge(size: number): string {
  return `is ${size} bytes; a manifest may have at most ${SOURCE_BYTES_MAX}`;
}

/** @returns exactly `size` bytes, undefined when the file ends earlier */
async function readExactly(file: FileHandle, size: number): Promise<Uint8Array | undefined> {
  const bytes = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  return bytes;
}

function encodeLook(stats: BigIntStats): FileLook {
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return {
    signature: [dev, ino, size, mtimeNs, ctimeNs].join(':'),
    size: Number(size),
    modifiedMs: Number(mtimeNs / 1000n) / 1000,
    changedMs: Number(ctimeNs / 1000n) / 1000,
    identity: `${dev}:${ino}`,
  };
}

function whyNotRegular(stats: BigIntStats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'is a directory: sub-directories are not read';
  if (stats.isFIFO()) return 'is a FIFO, not a regular file';
  if (stats.isSocket()) return 'is a socket, not a regular file';
  return 'is a device, not a regular file';
}

/** "EACCES: permission denied, open '/x'" without the code and the call. */
function sentence(code: string, message: string): string {
  const words = /^[A-Z0-9]+: (.*?)(?:, \w+(?: '.*')?)?$/s.exec(message)?.[1];
  return words === undefined ? code : `${words} (${code})`;
}
