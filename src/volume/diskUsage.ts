// How much space a directory takes on disk, counted with a bound: containers decide how much there is to count. No link
// is followed and no other filesystem is entered; a file with several names counts once.
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import type { DiskUsage } from '../ports/claims.ts';
import { childPath, entryNames, isGone, openChildDirectory } from './directoryHandle.ts';

/** Deeper directories are not looked into: each one on the way is held open. */
const DEPTH_MAX = 64;
const BLOCK_BYTES = 512;
const { O_DIRECTORY, O_RDONLY } = constants;

export interface UsageBounds {
  readonly entriesMax: number;
  /** Counting ends above this: more is of no interest. */
  readonly bytesMax: number;
}

interface Count {
  readonly bounds: UsageBounds;
  readonly device: bigint;
  readonly seen: Set<bigint>;
  readonly signal: AbortSignal;
  bytes: number;
  entries: number;
  complete: boolean;
}

/** What is removed while it is counted counts or not; a missing directory takes nothing. */
export async function diskUsage(directory: string, bounds: UsageBounds, signal: AbortSignal): Promise<DiskUsage> {
  let top: FileHandle;
  try {
    top = await open(directory, O_RDONLY | O_DIRECTORY);
  } catch (cause) {
    if (isGone(cause)) return { bytes: 0, complete: true };
    throw cause;
  }
  await using held = top;
  const info = await held.stat({ bigint: true });
  const count: Count = { bounds, device: info.dev, seen: new Set(), signal, bytes: 0, entries: 0, complete: true };
  add(count, info);
  await countDirectory(held, { count, depth: 0 });
  return { bytes: count.bytes, complete: count.complete };
}

async function countDirectory(
  directory: FileHandle,
  { count, depth }: { readonly count: Count; readonly depth: number },
): Promise<void> {
  for await (const name of entryNames(directory)) {
    count.signal.throwIfAborted();
    if (count.entries >= count.bounds.entriesMax || count.bytes > count.bounds.bytesMax) {
      count.complete = false;
      return;
    }
    count.entries += 1;
    const info = await lstat(childPath(directory, name), { bigint: true }).catch(ignoreGone);
    if (info === undefined || info.dev !== count.device) continue;
    add(count, info);
    if (!info.isDirectory()) continue;
    if (depth >= DEPTH_MAX) count.complete = false;
    else await countChild(directory, { name, count, depth });
  }
}

async function countChild(
  parent: FileHandle,
  child: { readonly name: Buffer; readonly count: Count; readonly depth: number },
): Promise<void> {
  const { name, count, depth } = child;
  const opened = await openChildDirectory(parent, name).catch(ignoreGone);
  if (opened === undefined) return;
  await using directory = opened;
  await countDirectory(directory, { count, depth: depth + 1 });
}

function add(count: Count, { blocks, nlink, ino }: BigIntStats): void {
  if (nlink > 1n) {
    if (count.seen.has(ino)) return;
    count.seen.add(ino);
  }
  count.bytes += Number(blocks) * BLOCK_BYTES;
}

function ignoreGone(cause: unknown): undefined {
  if (isGone(cause)) return undefined;
  throw cause;
}
