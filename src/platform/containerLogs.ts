// Reads log files of containers. Follows one through rotation: what was renamed is read to its end before the new file.
// Reads what lies below the log directory only, never through a link.
// Rule: kubelet kuberuntime/logs: a file is read again at each hint of the kernel and every second.
import { constants, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { err, ok, type Result } from '../lib/result.ts';
import type { ContainerLog, ContainerLogsPort, LogQuery } from '../ports/containerLogs.ts';
import { createLineSplitter, createLogFilter } from './criLogLines.ts';
import { descriptorPath, withDirectory } from './logDirectory.ts';
import { splitLogPath } from './podLogs.ts';

const READ_BYTES = 64 * 1024;
const RECHECK_MS = 1_000;
const NEWLINE = 0x0a;
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

export function createContainerLogs({ podLogsDir }: { readonly podLogsDir: string }): ContainerLogsPort {
  return {
    async open(logPath) {
      const file = await openLog(podLogsDir, logPath);
      if (!file.ok) return file;
      await file.value.close();
      return ok(logAt(podLogsDir, logPath));
    },
  };
}

function logAt(podLogsDir: string, logPath: string): ContainerLog {
  const reopen = () => openLog(podLogsDir, logPath);
  return {
    read: (query, signal) => follow({ logPath, reopen, query, isOver: () => true }, signal),
    follow: (query, isOver, signal) => follow({ logPath, reopen, query, isOver }, signal),
  };
}

interface Following {
  readonly logPath: string;
  readonly reopen: () => Promise<Result<FileHandle, string>>;
  readonly query: LogQuery;
  readonly isOver: () => boolean;
}

async function* follow({ logPath, reopen, query, isOver }: Following, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let opened = await reopen();
  if (!opened.ok) return;
  const hints = createHints(dirname(logPath), signal);
  const filter = createLogFilter(query);
  try {
    let at = await tailStart(opened.value, query.tailLines);
    let splitter = createLineSplitter();
    while (!signal.aborted && !filter.isDone) {
      // Asked before reading: what was written until then is read for certain.
      const over = isOver();
      const next = await reopen();
      const rotated = next.ok && !(await isSame(opened.value, next.value));
      for await (const chunk of readFrom(opened.value, at)) {
        at += chunk.length;
        const passed = filter.pass(splitter.push(chunk));
        if (passed.length > 0) yield passed;
        if (signal.aborted || filter.isDone) break;
      }
      if (rotated) {
        await opened.value.close();
        opened = next;
        at = 0;
        splitter = createLineSplitter();
        continue;
      }
      if (next.ok) await next.value.close();
      if (over) return;
      if ((await opened.value.stat()).size < at) at = 0;
      await hints.next();
    }
  } finally {
    hints.close();
    if (opened.ok) await opened.value.close();
  }
}

async function openLog(podLogsDir: string, logPath: string): Promise<Result<FileHandle, string>> {
  const parts = splitLogPath(podLogsDir, logPath);
  if (!parts.ok) return parts;
  const { pod, container, file } = parts.value;
  try {
    return ok(
      await withDirectory([podLogsDir, pod, container], async (directory) => {
        const handle = await open(`${descriptorPath(directory)}/${file}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        if ((await handle.stat()).isFile()) return handle;
        await handle.close();
        throw new Error('it is not a regular file');
      }),
    );
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'it is gone' : String(cause);
    return err(`Cannot open log file ${JSON.stringify(logPath)}: ${why}`);
  }
}

async function isSame(one: FileHandle, other: FileHandle): Promise<boolean> {
  const [a, b] = await Promise.all([one.stat(), other.stat()]);
  return a.ino === b.ino && a.dev === b.dev;
}

async function* readFrom(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let at = from; ; ) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Where the last `lines` lines begin; looks for them from the end, a block at a time. */
async function tailStart(file: FileHandle, lines: number | undefined): Promise<number> {
  if (lines === undefined) return 0;
  const { size } = await file.stat();
  if (lines === 0) return size;
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let newlines = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - READ_BYTES);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--) {
      // The newline at the very end closes the last line; it does not begin one.
      if (buffer[at] !== NEWLINE || start + at === size - 1) continue;
      newlines++;
      if (newlines === lines) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

interface Hints {
  /** Resolves when something happened in the directory since the last time, when it is time to look anyway, or at the end. */
  next(): Promise<void>;
  close(): void;
}

function createHints(directory: string, signal: AbortSignal): Hints {
  let isDue = false;
  let wake = (): void => {};
  const ring = (): void => {
    isDue = true;
    wake();
  };
  const watcher = tryWatch(directory, ring);
  signal.addEventListener('abort', ring, { once: true });
  return {
    async next() {
      if (!isDue && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RECHECK_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isDue = false;
    },
    close() {
      watcher?.close();
      signal.removeEventListener('abort', ring);
    },
  };
}

/** Without inotify (no instances left, an odd file system) there is still the look every second. */
function tryWatch(directory: string, changed: () => void): ReturnType<typeof watch> | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
