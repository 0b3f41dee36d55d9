// Directories held open, and what is in them reached through the open descriptor: a name is looked up in exactly that
// directory, whatever has been renamed or replaced by a link since. Node has no openat(); the kernel's
// /proc/self/fd/<n>/<name> is the same lookup.
import { constants, type Dir } from 'node:fs';
import { type FileHandle, open, opendir, readFile } from 'node:fs/promises';
import { invariant } from '../lib/assert.ts';

/** Not in node:fs: a descriptor that only names a file, for fstat and /proc/self/fd. Linux, every architecture Node runs on. */
export const O_PATH = 0o10000000;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/** Opens a directory; fails with ENOTDIR or ELOOP when the last component is anything else, a link included. */
export function openDirectory(path: string | Buffer): Promise<FileHandle> {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** Opens the directory `name` of an open directory. */
export function openChildDirectory(parent: FileHandle, name: string | Buffer): Promise<FileHandle> {
  return openDirectory(childPath(parent, name));
}

/** Names whatever `name` is, a link included, without opening it for reading. */
export function openChildPath(parent: FileHandle, name: string | Buffer): Promise<FileHandle> {
  return open(childPath(parent, name), O_PATH | O_NOFOLLOW);
}

/** A path that means `name` inside the open directory. Calls that follow a final link still do. */
export function childPath(parent: FileHandle, name: string | Buffer): Buffer {
  const bytes = typeof name === 'string' ? Buffer.from(name) : name;
  invariant(bytes.length > 0 && !bytes.includes('/') && !bytes.includes(0), 'A name in a directory has no separator');
  return Buffer.concat([Buffer.from(`${handlePath(parent)}/`), bytes]);
}

/** Names in an open directory, as bytes: a container is free to write names that are no text. */
export async function* entryNames(directory: FileHandle): AsyncGenerator<Buffer> {
  // The type says string whatever the encoding is; with "buffer" it is not.
  const entries: Dir = await opendir(handlePath(directory), { encoding: 'buffer' as BufferEncoding });
  for await (const entry of entries) {
    const name: unknown = entry.name;
    yield Buffer.isBuffer(name) ? name : Buffer.from(entry.name);
  }
}

/** True when something was removed, or replaced by what it was not, since its name was read. */
export function isGone(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}

/** A path that means the open file itself. */
export function handlePath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

/** Number of the mount that an open file is on: tells a bind mount apart where the device number can't. */
export async function mountId(handle: FileHandle): Promise<string> {
  const info = await readFile(`/proc/self/fdinfo/${handle.fd}`, 'utf8');
  const id = /^mnt_id:\s*([0-9]+)$/m.exec(info)?.[1];
  invariant(id !== undefined, 'The kernel tells the mount of an open file');
  return id;
}
