// fsGroup for a volume that outlives pods: everything in it is given to the group. Containers have built the tree, and
// may be changing it: each entry is opened by its name in an open directory and changed through that descriptor, links
// are left alone, and no other filesystem is entered.
// Rule: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ (fsGroupChangePolicy)
import type { Stats } from 'node:fs';
import { chmod, chown, type FileHandle } from 'node:fs/promises';
import { entryNames, handlePath, isGone, mountId, openChildPath, openDirectory } from './directoryHandle.ts';
import { fsGroupMode } from './ownership.ts';
import { VolumeError } from './volumeType.ts';

/** Each directory on the way is held open. */
const DEPTH_MAX = 256;
const MODE_MASK = 0o7777;
const ROOT_BITS = 0o2770;

export interface TreeOwnership {
  readonly group: number;
  /** Leave the tree alone when its top is as it should be. */
  readonly onRootMismatch: boolean;
}

interface Walk {
  readonly group: number;
  readonly mount: string;
  readonly signal: AbortSignal;
}

/** @throws VolumeError for a tree that is too deep */
export async function setTreeOwnership(path: string, wish: TreeOwnership, signal: AbortSignal): Promise<void> {
  await using top = await openDirectory(path);
  const info = await top.stat();
  if (wish.onRootMismatch && info.gid === wish.group && (info.mode & ROOT_BITS) === ROOT_BITS) return;
  const walk: Walk = { group: wish.group, mount: await mountId(top), signal };
  await changeBelow(top, { walk, depth: 0 });
  // Last: a tree whose top is right has been walked to its end.
  await change(top, info, walk);
}

async function changeBelow(
  directory: FileHandle,
  { walk, depth }: { readonly walk: Walk; readonly depth: number },
): Promise<void> {
  if (depth > DEPTH_MAX) throw new VolumeError(`its directories are more than ${DEPTH_MAX} deep`);
  for await (const name of entryNames(directory)) {
    walk.signal.throwIfAborted();
    await changeEntry(directory, { name, walk, depth }).catch(ignoreGone);
  }
}

async function changeEntry(
  parent: FileHandle,
  entry: { readonly name: Buffer; readonly walk: Walk; readonly depth: number },
): Promise<void> {
  const { name, walk, depth } = entry;
  await using found = await openChildPath(parent, name);
  const info = await found.stat();
  if (info.isSymbolicLink() || (await mountId(found)) !== walk.mount) return;
  if (info.isDirectory()) {
    await using directory = await openDirectory(`${handlePath(found)}/.`);
    await changeBelow(directory, { walk, depth: depth + 1 });
  }
  await change(found, info, walk);
}

/** Through the descriptor: whatever has its name by now is not touched. */
async function change(entry: FileHandle, { uid, gid, mode }: Stats, { group }: Walk): Promise<void> {
  const kind = (mode & 0o170000) === 0o040000 ? 'directory' : 'file';
  const before = mode & MODE_MASK;
  const wanted = fsGroupMode(before, { kind, access: 'readWrite' });
  if (gid === group && before === wanted) return;
  await chown(handlePath(entry), uid, group);
  // Also where the mode is right already: a change of owner takes bits away.
  await chmod(handlePath(entry), wanted);
}

function ignoreGone(cause: unknown): void {
  if (!isGone(cause)) throw cause;
}
