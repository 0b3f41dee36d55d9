// Directories and markers of our own below a pod directory. Nothing here runs where a container can write.
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Mode of every directory that only this program and root look into. */
const PRIVATE_MODE = 0o750;

/** Makes a directory and its missing parents, mode 0750. Idempotent. */
export async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_MODE });
}

/** Says that a volume is complete; written last. */
export async function markReady(marker: string): Promise<void> {
  await ensureDirectory(dirname(marker));
  await writeFile(marker, '', { mode: PRIVATE_MODE });
}

export async function isReady(marker: string): Promise<boolean> {
  return (await stat(marker).catch(() => undefined)) !== undefined;
}

/** The volume behind the marker is about to be made again. */
export async function clearReady(marker: string): Promise<void> {
  await rm(marker, { force: true });
}
