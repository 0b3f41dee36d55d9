// How much room there is on the file system that holds a path.
import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  readonly capacityBytes: number;
  /** For a process that is not root. */
  readonly availableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** @returns undefined where it can't be told */
export async function readDiskSpace(path: string): Promise<DiskSpace | undefined> {
  const stats = await statfs(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  return {
    capacityBytes: stats.bsize * stats.blocks,
    availableBytes: stats.bsize * stats.bavail,
    inodes: stats.files,
    inodesFree: stats.ffree,
  };
}
