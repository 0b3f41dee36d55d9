// Finds what a path inside a volume means, while containers may rename and replace everything in it.
//
// The proof that the result is inside: it starts at an open directory that is the volume. Every further step opens one
// name in a directory that is already held open, and never follows a link (O_NOFOLLOW); ".." goes back to the directory
// that was opened before, and not above the first. A link is not followed by the kernel but read, and its text walked
// by the same rules; an absolute one, which the kernel's own magic links in /proc are too, is refused. So each held
// directory was an entry of a held directory, up to the volume, whatever was swapped between two steps. It is what
// openat2() does with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS, which Node can't call.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink } from 'node:fs/promises';
import { childPath, O_PATH, openChildDirectory, openChildPath } from './directoryHandle.ts';
import { VolumeError } from './volumeType.ts';

/** The kernel's own limit. */
const LINKS_MAX = 40;
/** Names to walk, those of links included; each directory on the way is held open. */
const STEPS_MAX = 256;
const MODE_MASK = 0o7777;

export interface Beneath {
  /** The volume; the host's own links on the way to it are followed. */
  readonly volumePath: string;
  /** Relative. */
  readonly path: string;
  /** make: as directories with the mode of the volume. fail: with ENOENT. */
  readonly missing: 'make' | 'fail';
}

/**
 * Opens what the path names, without access to its content (O_PATH). The caller closes it.
 *
 * @throws VolumeError when the path leads out of the volume or through something that is no directory
 */
export async function openBeneath({ volumePath, path, missing }: Beneath): Promise<FileHandle> {
  const root = await open(volumePath, O_PATH | constants.O_DIRECTORY);
  const held: FileHandle[] = [root];
  try {
    const mode = missing === 'make' ? (await root.stat()).mode & MODE_MASK : undefined;
    await walk(held, { names: split(path), mode });
    const target = held.pop();
    if (target === undefined) throw new VolumeError('the path leads out of the volume');
    return target;
  } finally {
    for (const handle of held) await handle.close();
  }
}

/** Leaves the target on top of `held`. */
async function walk(
  held: FileHandle[],
  start: { readonly names: readonly string[]; readonly mode: number | undefined },
): Promise<void> {
  const todo = [...start.names];
  let links = 0;
  for (let step = 0; todo.length > 0; step += 1) {
    if (step >= STEPS_MAX) throw new VolumeError(`the path has more than ${STEPS_MAX} components`);
    const name = todo.shift() ?? '';
    if (name === '..') {
      await stepBack(held);
      continue;
    }
    const directory = top(held);
    const entry = await openOrMake(directory, { name, mode: start.mode });
    held.push(entry);
    const info = await entry.stat();
    if (info.isSymbolicLink()) {
      links += 1;
      if (links > LINKS_MAX) throw new VolumeError('the path has too many links');
      await held.pop()?.close();
      todo.unshift(...(await linkNames(directory, name)));
    } else if (todo.length > 0 && !info.isDirectory()) {
      throw new VolumeError(`"${name}" is not a directory`);
    }
  }
}

async function stepBack(held: FileHandle[]): Promise<void> {
  if (held.length === 1) throw new VolumeError('the path leads out of the volume');
  await held.pop()?.close();
}

async function openOrMake(
  directory: FileHandle,
  { name, mode }: { readonly name: string; readonly mode: number | undefined },
): Promise<FileHandle> {
  try {
    return await openChildPath(directory, name);
  } catch (cause) {
    if (mode === undefined || !hasCode(cause, 'ENOENT')) throw cause;
    await makeDirectory(directory, { name, mode });
  }
  return openChildPath(directory, name);
}

/** A container that starts at the same time may make it first. */
async function makeDirectory(
  parent: FileHandle,
  entry: { readonly name: string; readonly mode: number },
): Promise<void> {
  try {
    await mkdir(childPath(parent, entry.name), { mode: entry.mode });
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return;
    throw cause;
  }
  // The process's umask must not narrow what the volume gives.
  await using made = await openChildDirectory(parent, entry.name);
  await made.chmod(entry.mode);
}

/** What the link says now; that it may say something else since it was opened does no harm: it is walked as any path. */
async function linkNames(directory: FileHandle, name: string): Promise<readonly string[]> {
  const target = await readlink(childPath(directory, name));
  if (target.startsWith('/')) throw new VolumeError(`"${name}" is a link out of the volume`);
  return split(target);
}

function split(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function top(held: readonly FileHandle[]): FileHandle {
  const last = held.at(-1);
  if (last === undefined) throw new VolumeError('the path leads out of the volume');
  return last;
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
