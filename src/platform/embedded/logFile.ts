// containerd's log file: bounded in size, and read back when a start fails.
// containerd holds the file open for appending and outlives solopod, so it is cut in place instead of being renamed.
import { copyFile, open, stat, truncate } from 'node:fs/promises';

export const LOG_BYTES_MAX = 10 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/** When the file is over the limit: keeps its content as <log>.1 and starts it anew. */
export async function capLog(path: string, limit = LOG_BYTES_MAX): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || info.size <= limit) return;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
}

/** The message of the last error or fatal line, undefined when the end of the log holds none. */
export async function lastErrorInLog(path: string): Promise<string | undefined> {
  const lines = (await readTail(path)).trim().split('\n').reverse();
  const line = lines.find((text) => /level=(error|fatal)|^containerd: |^panic: /.test(text));
  return line === undefined ? undefined : logMessage(line);
}

/** The text of one logfmt line: its msg, with its error when it has one. */
export function logMessage(line: string): string {
  const [message, error] = ['msg', 'error'].map((key) => {
    const quoted = new RegExp(`\\b${key}=("(?:[^"\\\\]|\\\\.)*"|\\S+)`).exec(line)?.[1];
    return quoted?.startsWith('"') ? String(JSON.parse(quoted)) : quoted;
  });
  return [message, error].filter((part) => part !== undefined).join(': ') || line;
}

async function readTail(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}
