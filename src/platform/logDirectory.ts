// Opens directories below a trusted one step by step, so that no link on the way leads out of it.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** Uses a directory below a trusted one; a link on the way is an error. */
export async function withDirectory<T>(
  [top, ...names]: readonly [string, ...string[]],
  use: (directory: FileHandle) => Promise<T>,
): Promise<T> {
  let directory = await open(top, O_RDONLY | O_DIRECTORY);
  try {
    for (const name of names) {
      const child = await open(`${descriptorPath(directory)}/${name}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      await directory.close();
      directory = child;
    }
    return await use(directory);
  } finally {
    await directory.close();
  }
}

export function descriptorPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}
