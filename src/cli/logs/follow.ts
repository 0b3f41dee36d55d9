// Follows one container over its restarts: when an instance has ended, waits for the next one and goes on with that,
// until the pod is over or gone. An instance that came and went in between is shown whole.
import type { ContainerStatus, Pod } from '../../api/kubernetes.ts';
import { podKey } from '../../server/selectPods.ts';
import { type ClientFailure, openStream, watchSnapshots } from '../client.ts';
import { type LogWishes, logPath } from './request.ts';
import type { LogTarget } from './targets.ts';

export interface Followed {
  readonly socketPath: string;
  readonly target: LogTarget;
  readonly wishes: LogWishes;
  readonly write: (chunk: Uint8Array) => Promise<void>;
}

/** @returns why it could not go on, or undefined when the pod is over */
export async function followLog(followed: Followed, signal: AbortSignal): Promise<ClientFailure | undefined> {
  const { socketPath, target } = followed;
  const key = podKey(target.pod);
  /** The newest instance that was shown; everything asked for (tail, since) holds for the first one only. */
  let shown: string | undefined;
  while (!signal.aborted) {
    const next = await nextInstance(socketPath, { key, container: target.container, shown }, signal);
    if (next === undefined || signal.aborted) return undefined;
    if ('message' in next) return next;
    const { pod, current, missed } = next;
    const isFirst = shown === undefined;
    if (!isFirst && missed) await show(followed, { pod, isFirst, previous: true }, signal);
    shown = current;
    const failure = await show(followed, { pod, isFirst, previous: false }, signal);
    if (failure !== undefined && failure.kind !== 'refused') return failure;
  }
  return undefined;
}

interface Shown {
  readonly pod: Pod;
  readonly isFirst: boolean;
  readonly previous: boolean;
}

async function show(
  { socketPath, target, wishes, write }: Followed,
  { pod, isFirst, previous }: Shown,
  signal: AbortSignal,
): Promise<ClientFailure | undefined> {
  const asked = isFirst ? wishes : { timestamps: wishes.timestamps };
  const path = logPath(pod, target.container, { ...asked, follow: !previous, previous });
  const opened = await openStream(socketPath, path, signal);
  if (!opened.ok) return signal.aborted ? undefined : opened.error;
  try {
    for await (const chunk of opened.value) await write(chunk);
  } catch {
    // The runner has ended, or we: the next question tells.
  }
  return undefined;
}

interface Sought {
  readonly key: string;
  readonly container: string;
  readonly shown: string | undefined;
}

interface Instance {
  readonly pod: Pod;
  readonly current: string;
  /** Between the one that was shown and this one there was another. */
  readonly missed: boolean;
}

/** Waits for an instance that was not shown yet. @returns undefined when there will be none */
async function nextInstance(
  socketPath: string,
  { key, container, shown }: Sought,
  signal: AbortSignal,
): Promise<Instance | ClientFailure | undefined> {
  for await (const snapshot of watchSnapshots(socketPath, signal)) {
    if (!snapshot.ok) return snapshot.error;
    const pod = snapshot.value.pods.find((candidate) => podKey(candidate) === key);
    if (pod === undefined) return undefined;
    const status = statusOf(pod, container);
    const last = status?.lastState?.terminated?.containerID;
    const current = status?.state?.waiting === undefined ? (status?.containerID ?? last) : last;
    if (current !== undefined && current !== shown)
      return { pod, current, missed: last !== undefined && last !== shown && last !== current };
    if (isOver(pod, status)) return undefined;
  }
  return undefined;
}

function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

/** Nothing of this container will run any more. */
function isOver(pod: Pod, status: ContainerStatus | undefined): boolean {
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return true;
  const ended = status?.state?.terminated;
  if (ended === undefined) return false;
  const restarts = pod.spec?.restartPolicy ?? 'Always';
  const isInit = pod.spec?.initContainers?.some(({ name }) => name === status?.name) === true;
  if (isInit) return ended.exitCode === 0;
  return restarts === 'Never' || (restarts === 'OnFailure' && ended.exitCode === 0);
}
