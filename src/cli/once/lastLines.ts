// The last lines of the containers of a pod that did not do what it was run for: of those that failed, and of those that
// still run. Safe to print.
import type { ContainerStatus, Pod } from '../../api/kubernetes.ts';
import { openStream } from '../client.ts';
import { safeText } from '../logs/logLines.ts';
import { logPath } from '../logs/request.ts';

const ANSWER_TIMEOUT_MS = 10_000;

export interface LastLines {
  readonly container: string;
  /** It runs again: these are the lines of the instance before. */
  readonly previous: boolean;
  readonly lines: readonly string[];
}

export async function readLastLines(
  socket: string,
  { pod, lines }: { readonly pod: Pod; readonly lines: number },
): Promise<readonly LastLines[]> {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const told = [...initContainerStatuses, ...containerStatuses].filter(isTold);
  return Promise.all(told.map((status) => readLog(socket, { pod, status, lines })));
}

function isTold({ state, lastState }: ContainerStatus): boolean {
  if (state?.terminated !== undefined) return state.terminated.exitCode !== 0;
  return state?.running !== undefined || lastState?.terminated !== undefined;
}

interface Wanted {
  readonly pod: Pod;
  readonly status: ContainerStatus;
  readonly lines: number;
}

async function readLog(socket: string, { pod, status, lines }: Wanted): Promise<LastLines> {
  const { state, lastState, ready } = status;
  const previous = state?.running !== undefined && lastState?.terminated !== undefined && !ready;
  const path = logPath(pod, status.name, { tailLines: lines, timestamps: false, follow: false, previous });
  const opened = await openStream(socket, path, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
  const none = { container: status.name, previous, lines: [] };
  if (!opened.ok) return none;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of opened.value) chunks.push(chunk);
  } catch {
    return none;
  }
  const text = Buffer.concat(chunks).toString('utf8').replace(/\n$/, '');
  return { ...none, lines: text === '' ? [] : text.split('\n').map((line) => safeText(Buffer.from(line))) };
}
