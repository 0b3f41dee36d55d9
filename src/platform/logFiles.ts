// Effects of log rotation: sizes, moving aside, compressing. What becomes of which file is said by upkeep/logRotation.ts.
// Everything goes through open directories and never follows a link: pods may have mounted the directory of logs.
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Fault } from '../api/fault.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { LogFileState, LogFilesPort, Rotated } from '../ports/upkeep.ts';
import { formatStamp, nextStamp, planRotation } from '../upkeep/logRotation.ts';
import { now } from './clock.ts';
import { descriptorPath, withDirectory } from './logDirectory.ts';
import { splitLogPath } from './podLogs.ts';
import { ignoreMissing, isSystemError } from './systemError.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
/** As the runtime makes log files readable for shippers. */
const COMPRESSED_MODE = 0o644;
const CHUNK_BYTES = 1024 * 1024;
const compressed = promisify(gzip);
const MS_PER_MINUTE = 60_000;

/** @param podLogsDir absolute, normalised; usually /var/log/pods */
export function createLogFiles(podLogsDir: string): LogFilesPort {
  /** Runs `use` with the log's directory open; what the file system refuses becomes a fault. */
  async function inside<T>(
    logPath: string,
    use: (directory: FileHandle, logName: string) => Promise<Result<T, Fault>>,
  ): Promise<Result<T, Fault>> {
    const parts = splitLogPath(podLogsDir, logPath);
    if (!parts.ok) return err(fault(parts.error));
    const { pod, container, file } = parts.value;
    try {
      return await withDirectory([podLogsDir, pod, container], (directory) => use(directory, file));
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      return err(fault(`Log ${logPath}: ${cause.message}`));
    }
  }

  return {
    async look(logPath): Promise<LogFileState> {
      try {
        const seen = await lstat(logPath);
        return seen.isFile() ? { kind: 'file', bytes: seen.size } : { kind: 'strange' };
      } catch (cause) {
        if (isSystemError(cause) && cause.code === 'ENOENT') return { kind: 'missing' };
        if (isSystemError(cause)) return { kind: 'strange' };
        throw cause;
      }
    },

    rotate: (logPath, { maxFiles, reopen }) =>
      inside(logPath, async (directory, logName): Promise<Result<Rotated, Fault>> => {
        const files = await readdir(descriptorPath(directory));
        const { remove, compress } = planRotation(files, { logName, maxFiles });
        for (const file of remove) await ignoreMissing(unlink(`${descriptorPath(directory)}/${file}`));
        const file = `${logName}.${nextStamp(files, logName, localClock())}`;
        const [path, aside] = [logName, file].map((name) => `${descriptorPath(directory)}/${name}`) as [string, string];
        await rename(path, aside);
        const reopened = await reopen();
        if (reopened.ok) return ok({ file, compress });
        await moveBack(aside, path);
        return reopened;
      }),

    clear: (logPath) =>
      inside(logPath, async (directory, logName) => {
        await ignoreMissing(unlink(`${descriptorPath(directory)}/${logName}`));
        return ok(undefined);
      }),

    compress: (logPath, file, signal) =>
      inside(logPath, async (directory) => {
        await ignoreMissing(compressFile(`${descriptorPath(directory)}/${file}`, signal));
        return ok(undefined);
      }),
  };
}

/** Only where nothing has taken the place: the runtime may have opened a new file and its answer was lost. */
async function moveBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'EEXIST') return;
    throw cause;
  }
  await unlink(aside);
}

async function compressFile(path: string, signal: AbortSignal): Promise<void> {
  const unfinished = `${path}.tmp`;
  await using source = await open(path, O_RDONLY | O_NOFOLLOW);
  await ignoreMissing(unlink(unfinished));
  try {
    await using target = await open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, COMPRESSED_MODE);
    await copyCompressed(source, target, signal);
    await target.sync();
    // Removed meanwhile, together with its container: then the copy must not stay.
    await lstat(path);
    await rename(unfinished, `${path}.gz`);
  } catch (cause) {
    await ignoreMissing(unlink(unfinished));
    if (signal.aborted) return;
    throw cause;
  }
  await unlink(path);
}

/** Chunk by chunk, each a member of its own of the compressed file: bounded memory, and an end wherever it is called off. */
async function copyCompressed(source: FileHandle, target: FileHandle, signal: AbortSignal): Promise<void> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) return;
    await target.appendFile(await compressed(chunk.subarray(0, bytesRead)));
  }
}

function localClock(): string {
  const { wall } = now();
  return formatStamp(new Date(wall - new Date(wall).getTimezoneOffset() * MS_PER_MINUTE));
}

function fault(message: string): Fault {
  return { kind: 'refused', reason: 'FailedLogRotation', message };
}
