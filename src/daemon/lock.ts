// One runner per root directory. The lock is a listening unix socket in the abstract namespace, named after the real
// path of the directory: the kernel gives it to one process only and takes it back when that process dies, however it
// dies, so there is no stale lock. Holds within one network namespace. Nothing is ever said over the socket.
import { mkdir, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { sha256Hex } from '../lib/hash.ts';
import { err, ok, type Result } from '../lib/result.ts';

export interface Lock {
  release(): void;
}

export interface LockHeld {
  /** The owner; undefined when it cannot be found out, as for a process of another user. */
  readonly pid: number | undefined;
  readonly message: string;
}

/** The owner may die between the refusal and the search for it. */
const ATTEMPTS_MAX = 3;

/** Makes the directory when it is not there; throws when that is impossible. */
export async function acquireLock(rootDir: string): Promise<Result<Lock, LockHeld>> {
  await mkdir(rootDir, { recursive: true, mode: 0o700 });
  const name = `solopod:${sha256Hex(await realpath(rootDir)).slice(0, 32)}`;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const server = await listen(`\0${name}`);
    if (server !== undefined) return ok({ release: () => server.close() });
    const pid = await ownerOf(name);
    if (pid !== undefined) {
      return err({ pid, message: `Cannot use ${rootDir}: it is in use by the runner with pid ${pid}` });
    }
  }
  return err({ pid: undefined, message: `Cannot use ${rootDir}: it is in use by another runner` });
}

/** @returns undefined when another process has the name */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path, exclusive: true }, () => {
      // The lock alone keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}

/** The process that holds the socket of this abstract name: the kernel lists its inode, the process has it open. */
async function ownerOf(name: string): Promise<number | undefined> {
  const sockets = await readFile('/proc/net/unix', 'utf8');
  const line = sockets.split('\n').find((text) => text.endsWith(` @${name}`));
  const inode = line?.trim().split(/\s+/)[6];
  if (inode === undefined) return undefined;
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) if (await hasOpen(pid, `socket:[${inode}]`)) return Number(pid);
  return undefined;
}

/** False also for a process that has ended or may not be looked into. */
async function hasOpen(pid: string, target: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const descriptors = await readdir(directory).catch(() => []);
  for (const descriptor of descriptors) {
    const open = await readlink(`${directory}/${descriptor}`).catch(() => undefined);
    if (open === target) return true;
  }
  return false;
}
