// What a finished container left to say: the tail of its termination log, or of its output. Reads host files only.
// Rule: kubelet kuberuntime_container.go getTerminationMessage and convertToKubeContainerStatus;
// https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TERMINATION_PATH_ANNOTATION, TERMINATION_POLICY_ANNOTATION } from './encode/labels.ts';
import { tailOfLog } from './logTail.ts';
import type { ReadContainerStatus } from './messages.ts';

const MESSAGE_BYTES_MAX = 4096;
const LOG_LINES_MAX = 80;
const LOG_BYTES_MAX = 2048;
/** How much of a log file is looked at to find its last lines. */
const LOG_WINDOW_BYTES = 256 * 1024;

/** Never blocks on a pipe and never follows a link that stands where the file was. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** @returns the runtime's message and the container's own, joined; undefined where neither says anything */
export async function terminationMessage(status: ReadContainerStatus): Promise<string | undefined> {
  const own = await containerMessage(status);
  return [status.message, own].filter((part) => part !== '').join(': ') || undefined;
}

async function containerMessage(status: ReadContainerStatus): Promise<string> {
  const path = terminationLogPath(status);
  if (path !== undefined) {
    const written = await readTail(path, MESSAGE_BYTES_MAX);
    if (written instanceof Error) return `Error on reading termination log ${path}: ${written.message}`;
    if (written !== undefined && written.length > 0) return written.toString('utf8');
  }
  return fallsBackToLogs(status) ? await logMessage(status.logPath) : '';
}

/** Of several mounts on that path the last one hides the others. */
function terminationLogPath({ annotations, mounts }: ReadContainerStatus): string | undefined {
  const wanted = annotations[TERMINATION_PATH_ANNOTATION];
  return wanted ? mounts.findLast(({ containerPath }) => containerPath === wanted)?.hostPath : undefined;
}

function fallsBackToLogs({ annotations, exitCode, reason }: ReadContainerStatus): boolean {
  const policy = annotations[TERMINATION_POLICY_ANNOTATION];
  return policy === 'FallbackToLogsOnError' && exitCode !== 0 && reason !== 'ContainerCannotRun';
}

async function logMessage(logPath: string): Promise<string> {
  const window = await readTail(logPath, LOG_WINDOW_BYTES);
  if (window instanceof Error) return `Error on reading termination message from logs: ${window.message}`;
  if (window === undefined) return '';
  const cut = window.length === LOG_WINDOW_BYTES;
  return tailOfLog(window, { linesMax: LOG_LINES_MAX, bytesMax: LOG_BYTES_MAX, startsMidLine: cut }).toString('utf8');
}

/** The last bytes of a file; undefined where there is no such file. */
async function readTail(path: string, bytesMax: number): Promise<Buffer | undefined | Error> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, OPEN_FLAGS);
    const { size } = await file.stat();
    const length = Math.min(size, bytesMax);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await file?.close();
  }
}
