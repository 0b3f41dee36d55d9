// Deletes a directory tree that containers have written to. It follows no link, because every step goes through an open
// directory, and it enters no other mount, because each directory is asked which mount it is on. What is below a mount
// that could not be removed stays, and the caller is told.
import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, rename, rmdir, unlink } from 'node:fs/promises';
import { childPath, entryNames, mountId, openChildDirectory, openDirectory } from './directoryHandle.ts';

/** Deeper directories are first moved up, so that neither stack nor descriptors grow with what a container built. */
const DEPTH_MAX = 32;
const LIFTED_PREFIX = '.solopod-removing-';

interface Walk {
  readonly top: FileHandle;
  readonly mount: string;
  readonly signal: AbortSignal;
  /** How many directories were moved up to the top so far. */
  lifted: number;
}

/** A tree can't be removed completely. */
export class RemoveTreeError extends Error {
  override readonly name = 'RemoveTreeError';
}

/**
 * Removes `directory` with everything in it; a missing one counts as removed.
 *
 * @throws RemoveTreeError at a mount point inside, the system's error when the disk refuses
 */
export async function removeTree(directory: string, signal: AbortSignal): Promise<void> {
  const info = await lstat(directory).catch(ignoreMissing);
  if (info === undefined) return;
  if (!info.isDirectory()) return unlink(directory);
  await emptyDirectoryTree(directory, signal);
  await rmdir(directory);
}

async function emptyDirectoryTree(directory: string, signal: AbortSignal): Promise<void> {
  await using top = await openDirectory(directory);
  const walk: Walk = { top, mount: await mountId(top), signal, lifted: 0 };
  let before: number;
  do {
    before = walk.lifted;
    await emptyDirectory(top, { walk, depth: 0 });
  } while (walk.lifted > before);
}

async function emptyDirectory(
  directory: FileHandle,
  at: { readonly walk: Walk; readonly depth: number },
): Promise<void> {
  const { walk, depth } = at;
  if ((await mountId(directory)) !== walk.mount) {
    throw new RemoveTreeError('Cannot remove a directory: something is still mounted on it');
  }
  for await (const name of entryNames(directory)) {
    walk.signal.throwIfAborted();
    if (!(await removeFile(directory, name))) await removeDirectory(directory, { name, walk, depth });
  }
}

async function removeDirectory(
  parent: FileHandle,
  child: { readonly name: Buffer; readonly walk: Walk; readonly depth: number },
): Promise<void> {
  const { name, walk, depth } = child;
  if (depth >= DEPTH_MAX) {
    walk.lifted += 1;
    return rename(childPath(parent, name), childPath(walk.top, `${LIFTED_PREFIX}${randomUUID()}`));
  }
  {
    await using directory = await openChildDirectory(parent, name);
    await emptyDirectory(directory, { walk, depth: depth + 1 });
  }
  await rmdir(childPath(parent, name));
}

/** @returns false for a directory, which unlink refuses */
async function removeFile(directory: FileHandle, name: Buffer): Promise<boolean> {
  try {
    await unlink(childPath(directory, name));
    return true;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return true;
    if (hasCode(cause, 'EISDIR') || hasCode(cause, 'EPERM')) {
      const info = await lstat(childPath(directory, name));
      if (info.isDirectory()) return false;
    }
    throw cause;
  }
}

function ignoreMissing(cause: unknown): undefined {
  if (hasCode(cause, 'ENOENT')) return undefined;
  throw cause;
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
