// The volumes of a root directory that no runner looks after at the moment.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createClaims } from '../volume/claims.ts';
import { acquireLock } from './lock.ts';
import { createVolumeDesk, type VolumeDesk } from './volumeDesk.ts';

/** Runs `use` while no runner can start. @returns undefined when one has the directory */
export async function withOfflineVolumes<T>(
  rootDir: string,
  use: (desk: VolumeDesk) => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const lock = await acquireLock(rootDir);
  if (!lock.ok) return undefined;
  try {
    const claims = createClaims({ rootDir });
    // Pods run on without a runner. Which volumes they use is not known, so while there are any, they may use all.
    const left = await readdir(join(rootDir, 'pods')).catch(() => []);
    const users = left.length === 0 ? [] : [`of an earlier run (${left.length} left, "solopod stop --all" ends them)`];
    const desk = createVolumeDesk({
      claims,
      given: () => undefined,
      usersOf: () => users,
      finish: () => claims.finishRemovals(signal),
    });
    return await use(desk);
  } finally {
    lock.value.release();
  }
}
