// Where the local API listens: a unix socket that only its owner can open, at no moment anybody else.
// The socket is bound inside a private directory, given its mode, and only then moved to its place; changing the
// process-wide umask instead would leak into files that other tasks create meanwhile.
import { chmod, lstat, mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';

/** Linux' sun_path holds 108 bytes with the closing zero. */
const SOCKET_PATH_MAX_BYTES = 107;
const SOCKET_MODE = 0o600;
const DIRECTORY_MODE = 0o755;
/** A runner that lives accepts at once; one that is stopped still has its backlog. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Binds the server to a unix socket of mode 0600. A socket left by a dead runner is replaced.
 * @returns how to take the socket away again; does nothing when somebody else has replaced it.
 * @throws Error when a live runner holds the socket, the path is taken by another file, is too long or not writable.
 */
export async function bindSocket(server: Server, path: string): Promise<() => Promise<void>> {
  const directory = dirname(path);
  await createDirectory(directory);
  await requireFree(path);
  const nest = await mkdtemp(`${directory}/.`);
  const nested = join(nest, 's');
  try {
    requireShort(Buffer.byteLength(path) > Buffer.byteLength(nested) ? path : nested);
    await listen(server, nested);
    await chmod(nested, SOCKET_MODE);
    await rename(nested, path);
  } catch (cause) {
    server.close();
    await rm(nested, { force: true });
    throw cause;
  } finally {
    await rmdir(nest);
  }
  const { ino } = await lstat(path);
  return () => removeSocket(path, ino);
}

async function createDirectory(directory: string): Promise<void> {
  const created = await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  if (created !== undefined) await chmod(directory, DIRECTORY_MODE);
}

function requireShort(path: string): void {
  const length = Buffer.byteLength(path);
  if (length <= SOCKET_PATH_MAX_BYTES) return;
  throw new Error(
    `Cannot listen on "${path}": a socket path may have ${SOCKET_PATH_MAX_BYTES} bytes, this one has ${length}`,
  );
}

async function requireFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new Error(`Cannot listen on "${path}": ${basename(path)} exists and is not a socket`);
  }
  if (await isAlive(path)) {
    throw new Error(`Cannot listen on "${path}": another runner is listening there`);
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function removeSocket(path: string, ino: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.ino === ino) await rm(path, { force: true });
}
