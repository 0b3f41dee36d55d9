// How far a stop, start or restart of one pod has come, read from what the runner shows. Pure.
// Judged by facts alone (which containers run), so a snapshot from before the request can never count as done.
import type { ContainerStatus, Pod } from '../../api/kubernetes.ts';
import type { PodNote, RunnerSnapshot, RunnerVerb } from '../../ports/runner.ts';
import { podKey } from '../../server/selectPods.ts';
import { displayPod } from '../../status/display.ts';
import { noteOf } from '../status/rows.ts';

export type Progress =
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'underWay'; readonly display: string; readonly waitingFor: string | undefined };

/** Containers that ran before the request, by pod key: a restart is done when none of them is left. */
export type ContainersBefore = ReadonlyMap<string, ReadonlySet<string>>;

export function containersOf(snapshot: RunnerSnapshot): ContainersBefore {
  return new Map(
    snapshot.pods.map((pod) => [
      podKey(pod),
      new Set(appStatuses(pod).flatMap(({ containerID }) => containerID ?? [])),
    ]),
  );
}

export interface Asked {
  readonly verb: RunnerVerb;
  readonly key: string;
  readonly before: ContainersBefore;
}

export function progressOf(snapshot: RunnerSnapshot, { verb, key, before }: Asked): Progress {
  const pod = snapshot.pods.find((candidate) => podKey(candidate) === key);
  if (verb === 'stop') return stopProgress(pod, snapshot);
  if (pod === undefined) return { state: 'failed', message: 'it is gone' };
  const note = noteOf(pod, snapshot);
  if (note?.stopped === true || hasOldContainers(pod, verb === 'restart' ? before.get(key) : undefined))
    return underWay(pod, note);
  if (pod.status?.phase === 'Failed') return { state: 'failed', message: failureOf(pod, note) };
  return pod.status?.phase === 'Succeeded' || allRunning(pod) ? { state: 'done' } : underWay(pod, note);
}

function stopProgress(pod: Pod | undefined, snapshot: RunnerSnapshot): Progress {
  if (pod === undefined) return { state: 'done' };
  const note = noteOf(pod, snapshot);
  return note?.stopped === true && note.display === 'Stopped' ? { state: 'done' } : underWay(pod, note);
}

function underWay(pod: Pod, note: PodNote | undefined): Progress {
  return { state: 'underWay', display: note?.display ?? displayPod(pod).status, waitingFor: note?.waitingFor };
}

function hasOldContainers(pod: Pod, before: ReadonlySet<string> | undefined): boolean {
  return appStatuses(pod).some(({ containerID }) => containerID !== undefined && (before?.has(containerID) ?? false));
}

function allRunning(pod: Pod): boolean {
  const specs = pod.spec?.containers ?? [];
  return specs.every(({ name }) => appStatuses(pod).some((status) => status.name === name && hasRun(status)));
}

/** It runs, or it has done its work beside others that run. */
function hasRun({ state }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated?.exitCode === 0;
}

function failureOf(pod: Pod, note: PodNote | undefined): string {
  const { reason, message } = pod.status ?? {};
  const why = [reason, message].filter((part) => part !== undefined && part !== '').join(': ');
  return `it has failed (${why === '' ? (note?.display ?? displayPod(pod).status) : why})`;
}

function appStatuses(pod: Pod): readonly ContainerStatus[] {
  return pod.status?.containerStatuses ?? [];
}
