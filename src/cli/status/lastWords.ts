// The last log lines of containers of one pod that failed: what people ask for next when they see that it did.
import { text } from 'node:stream/consumers';
import type { ContainerStateTerminated, ContainerStatus, Pod } from '../../api/kubernetes.ts';
import { openStream } from '../client.ts';
import { logPath } from '../logs/request.ts';

const LINES = 10;
const LINE_CHARS_MAX = 400;
const LOG_TIMEOUT_MS = 5_000;
/** Stopped on purpose: it has nothing to say about a failure. */
const NOT_A_FAILURE: ReadonlySet<string | undefined> = new Set(['RestartingAllContainers', 'ContainerStatusUnknown']);

/** Lines by container name. A log that can't be read is left out: this is a service, not the answer itself. */
export type LastWords = ReadonlyMap<string, readonly string[]>;

export async function readLastWords(socketPath: string, pod: Pod): Promise<LastWords> {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const words = new Map<string, readonly string[]>();
  for (const status of [...initContainerStatuses, ...containerStatuses]) {
    const which = failedRun(status);
    if (which === undefined) continue;
    const wishes = { tailLines: LINES, timestamps: false, follow: false, previous: which === 'previous' };
    const lines = await readLines(socketPath, logPath(pod, status.name, wishes));
    if (lines.length > 0) words.set(status.name, lines);
  }
  return words;
}

/** Which run of a container failed last, if one did. */
function failedRun({ state, lastState }: ContainerStatus): 'newest' | 'previous' | undefined {
  if (state?.terminated !== undefined) return hasFailed(state.terminated) ? 'newest' : undefined;
  if (!hasFailed(lastState?.terminated)) return undefined;
  return state?.running === undefined ? 'newest' : 'previous';
}

function hasFailed(end: ContainerStateTerminated | undefined): boolean {
  return end !== undefined && end.exitCode !== 0 && !NOT_A_FAILURE.has(end.reason);
}

async function readLines(socketPath: string, path: string): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(LOG_TIMEOUT_MS);
  const opened = await openStream(socketPath, path, signal);
  if (!opened.ok) return [];
  const log = await text(opened.value).catch(() => '');
  const lines = log.split('\n').filter((line) => line !== '');
  return lines.slice(-LINES).map((line) => (line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}…` : line));
}
