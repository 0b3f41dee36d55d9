// Mounting and unmounting through the mount(8) and umount(8) programs: explicit arguments, no shell, a deadline.
// Paths are never canonicalised by them: what is given is what is meant.
import { execFile } from 'node:child_process';
import { type Mount, mountAt, mountsBelow, readMountTable } from './mountTable.ts';

/** A network filesystem whose server is gone can hang for ever. */
const PROGRAM_TIMEOUT_MS = 30_000;
/** Mounts can be stacked and can appear while they are being removed; each round takes a fresh look. */
const UNMOUNT_ROUNDS_MAX = 10;

const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** A mount or umount that did not do what it was asked; the message is the program's own. */
export class MountError extends Error {
  override readonly name = 'MountError';
}

export function mountFilesystem(
  mount: {
    readonly fsType: string;
    readonly source: string;
    readonly target: string;
    readonly options: readonly string[];
  },
  signal: AbortSignal,
): Promise<void> {
  const options = mount.options.length === 0 ? [] : ['-o', mount.options.join(',')];
  return run('mount', ['-c', '-t', mount.fsType, ...options, '--', mount.source, mount.target], signal);
}

export function bindMount(source: string, target: string, signal: AbortSignal): Promise<void> {
  return run('mount', ['-c', '--bind', '--', source, target], signal);
}

/**
 * Makes what is mounted at `path` propagate to containers and from them; a plain directory becomes a mount of its own
 * first. Idempotent.
 */
export async function ensureShared(path: string, signal: AbortSignal): Promise<void> {
  const mounted = mountAt(await readMountTable(), path);
  if (mounted?.shared === true) return;
  if (mounted === undefined) await bindMount(path, path, signal);
  await run('mount', ['-c', '--make-rshared', '--', path], signal);
}

/**
 * Unmounts everything at `directory` and below, children first. What is busy is detached, so that nothing new can
 * reach it. `directory` must be a real path.
 *
 * @returns mount points that are still there
 */
export async function unmountBelow(directory: string, signal: AbortSignal): Promise<readonly string[]> {
  let left: readonly Mount[] = [];
  for (let round = 0; round < UNMOUNT_ROUNDS_MAX; round += 1) {
    left = mountsBelow(await readMountTable(), directory);
    if (left.length === 0) return [];
    for (const { mountPoint } of left) await unmountOne(mountPoint, signal);
  }
  return left.map((mount) => mount.mountPoint);
}

async function unmountOne(mountPoint: string, signal: AbortSignal): Promise<void> {
  try {
    await run('umount', ['-c', '--', mountPoint], signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof MountError)) throw cause;
    // Gone already, or busy: the next look at the table decides whether anything is left to say.
    await run('umount', ['-c', '-l', '--', mountPoint], signal).catch(() => undefined);
  }
}

function run(program: 'mount' | 'umount', args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: PROGRAM_TIMEOUT_MS, killSignal: 'SIGKILL', env: ENVIRONMENT, cwd: '/' } as const;
    execFile(program, args, options, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else if (error.name === 'AbortError') reject(error);
      else reject(new MountError(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}
