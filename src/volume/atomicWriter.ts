// Writes a payload so that a container sees all of the old files or all of the new ones, never a mixture.
// Rule: the layout that Kubernetes' volumes have and that programs watch:
//
//   <volume>/..2026_01_31_12_00_00.123456789/key   the files, in a directory that is written once
//   <volume>/..data -> ..2026_01_31_12_00_00.123456789
//   <volume>/key -> ..data/key
//
// Every step goes through open directories; what containers can't write (the volume is mounted read-only) is written
// here with exclusive creation all the same.
import { randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isPathComponent } from '../api/pathComponent.ts';
import type { WallMs } from '../api/time.ts';
import { childPath, handlePath, openChildDirectory, openDirectory } from './directoryHandle.ts';
import { fsGroupMode } from './ownership.ts';
import type { Payload, PayloadFile } from './payload.ts';
import { removeTree } from './removeTree.ts';

const DATA_LINK = '..data';
const NEW_DATA_LINK = '..data_tmp';
const DIRECTORY_MODE = 0o755;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

export interface AtomicWrite {
  readonly payload: Payload;
  /** Group of everything written; undefined leaves it to root. */
  readonly group: number | undefined;
  readonly wall: WallMs;
  readonly signal: AbortSignal;
}

/**
 * Brings the volume's visible files to the payload. Idempotent, also after a crash at any point.
 *
 * @returns unchanged: everything was in place and nothing was written. replaced: other files were there before
 */
export async function writePayload(
  volumePath: string,
  write: AtomicWrite,
): Promise<'unchanged' | 'written' | 'replaced'> {
  await using volume = await openDirectory(volumePath);
  const old = await currentDirectory(volume);
  if (old !== undefined && (await holdsExactly(volume, { directory: old, write }))) {
    await linkVisible(volume, write.payload);
    return 'unchanged';
  }
  const fresh = await writeFresh(volume, write);
  await linkVisible(volume, write.payload);
  await swapData(volume, fresh);
  await unlinkStale(volume, write.payload);
  await removeOthers(volume, { keep: fresh, signal: write.signal });
  return old === undefined ? 'written' : 'replaced';
}

/** Name of the directory that holds the visible files; undefined before the first write. */
async function currentDirectory(volume: FileHandle): Promise<string | undefined> {
  const target = await readlink(childPath(volume, DATA_LINK)).catch(() => undefined);
  return target?.startsWith('..') && isPathComponent(target) ? target : undefined;
}

async function holdsExactly(
  volume: FileHandle,
  at: { readonly directory: string; readonly write: AtomicWrite },
): Promise<boolean> {
  const { directory, write } = at;
  try {
    await using top = await openChildDirectory(volume, directory);
    const found = await listFiles(top);
    if (found.length !== write.payload.size) return false;
    for (const path of found) {
      const wanted = write.payload.get(path);
      if (wanted === undefined || !(await isSameFile(top, { path, wanted, group: write.group }))) return false;
    }
    return true;
  } catch {
    // Whatever is wrong with the old directory, a fresh one replaces it.
    return false;
  }
}

async function listFiles(top: FileHandle): Promise<readonly string[]> {
  const entries = await readdir(handlePath(top), { recursive: true, withFileTypes: true });
  const prefix = `${handlePath(top)}/`;
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(prefix.length));
}

async function isSameFile(
  top: FileHandle,
  file: { readonly path: string; readonly wanted: PayloadFile; readonly group: number | undefined },
): Promise<boolean> {
  const { path, wanted, group } = file;
  await using handle = await open(`${handlePath(top)}/${path}`, O_RDONLY | O_NOFOLLOW);
  const info = await handle.stat();
  if (!info.isFile() || (info.mode & 0o7777) !== wanted.mode) return false;
  if (group !== undefined && info.gid !== group) return false;
  if (info.size !== wanted.content.length) return false;
  return Buffer.compare(await handle.readFile(), wanted.content) === 0;
}

async function writeFresh(volume: FileHandle, write: AtomicWrite): Promise<string> {
  const name = `..${formatStamp(write.wall)}.${randomInt(1e9, 1e10)}`;
  await mkdir(childPath(volume, name), { mode: DIRECTORY_MODE });
  await using top = await openChildDirectory(volume, name);
  await ownDirectory(top, write.group);
  const made = new Set<string>();
  for (const [path, file] of write.payload) {
    for (const parent of parentsOf(path)) {
      if (made.has(parent)) continue;
      made.add(parent);
      await mkdir(`${handlePath(top)}/${parent}`, { mode: DIRECTORY_MODE });
      await using directory = await openDirectory(`${handlePath(top)}/${parent}`);
      await ownDirectory(directory, write.group);
    }
    await writeNew(`${handlePath(top)}/${path}`, { file, group: write.group });
  }
  return name;
}

async function ownDirectory(directory: FileHandle, group: number | undefined): Promise<void> {
  if (group !== undefined) await directory.chown(0, group);
  const mode =
    group === undefined ? DIRECTORY_MODE : fsGroupMode(DIRECTORY_MODE, { kind: 'directory', access: 'readOnly' });
  await directory.chmod(mode);
}

async function writeNew(
  path: string,
  what: { readonly file: PayloadFile; readonly group: number | undefined },
): Promise<void> {
  await using handle = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  await handle.writeFile(what.file.content);
  if (what.group !== undefined) await handle.chown(0, what.group);
  await handle.chmod(what.file.mode);
}

async function linkVisible(volume: FileHandle, payload: Payload): Promise<void> {
  for (const name of visibleNames(payload)) {
    const target = `${DATA_LINK}/${name}`;
    const found = await readlink(childPath(volume, name)).catch(() => undefined);
    if (found === target) continue;
    if (found !== undefined) await unlink(childPath(volume, name));
    await symlink(target, childPath(volume, name));
  }
}

async function swapData(volume: FileHandle, target: string): Promise<void> {
  await unlink(childPath(volume, NEW_DATA_LINK)).catch(() => undefined);
  await symlink(target, childPath(volume, NEW_DATA_LINK));
  await rename(childPath(volume, NEW_DATA_LINK), childPath(volume, DATA_LINK));
}

/** Links of ours to files that are no more. Directories for nested mounts are not links and stay. */
async function unlinkStale(volume: FileHandle, payload: Payload): Promise<void> {
  const wanted = visibleNames(payload);
  for (const name of await readdir(handlePath(volume))) {
    if (name.startsWith('..') || wanted.has(name)) continue;
    const target = await readlink(childPath(volume, name)).catch(() => undefined);
    if (target === `${DATA_LINK}/${name}`) await unlink(childPath(volume, name));
  }
}

/** Older directories, and those that a crash left half written. */
async function removeOthers(
  volume: FileHandle,
  at: { readonly keep: string; readonly signal: AbortSignal },
): Promise<void> {
  const names = await readdir(handlePath(volume));
  const others = names.filter((name) => /^\.\.[0-9]{4}_/.test(name) && name !== at.keep);
  for (const name of others) await removeTree(`${handlePath(volume)}/${name}`, at.signal);
}

function visibleNames(payload: Payload): ReadonlySet<string> {
  return new Set([...payload.keys()].map((path) => path.split('/', 1)[0] ?? path));
}

/** "a", "a/b" for "a/b/c". */
function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}

/** "2026_01_31_12_00_00", in UTC. */
function formatStamp(wall: WallMs): string {
  return new Date(wall).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_');
}
