// Which init containers and sidecars are to start, and whether the pod is initialised. Pure.
// Rule: kubelet computeInitContainerActions with sidecars (Kubernetes 1.28 and later).
import { type DesiredContainer, type DesiredPod, isSidecar } from '../../api/desiredPod.ts';
import { initRestartsAfterExit } from '../rules/restart.ts';
import { isStarted } from '../rules/started.ts';
import type { PodRecord } from '../world.ts';
import { newestInstance } from '../world.ts';

export interface InitProgress {
  readonly initialised: boolean;
  /** In the order in which they are to start. */
  readonly start: readonly DesiredContainer[];
  /** An init container failed for good: the pod ends. */
  readonly failed?: string;
}

/**
 * Walks from the last init container backwards: the first one that has an instance marks how far the pod has come,
 * and everything before it counts as done, even if its instance has been removed since.
 */
export function initProgress(record: PodRecord, pod: DesiredPod, sandboxId: string): InitProgress {
  const inits = pod.spec.initContainers ?? [];
  if (inits.length === 0) return { initialised: true, start: [] };
  const instance = (name: string) => {
    const newest = newestInstance(record, name);
    return newest?.sandboxId === sandboxId ? newest : undefined;
  };
  let initialised = pod.spec.containers.some((c) => {
    const state = instance(c.name)?.state;
    return state === 'created' || state === 'running';
  });
  let seen = initialised;
  const start: DesiredContainer[] = [];
  for (let i = inits.length - 1; i >= 0; i--) {
    const init = inits[i];
    if (init === undefined) continue;
    const next = inits[i + 1];
    const newest = instance(init.name);
    const sidecar = isSidecar(init);
    const advance = (): void => {
      if (next === undefined) initialised = true;
      else if (!seen) start.push(next);
    };
    if (newest === undefined) {
      if (seen && sidecar) start.push(init);
      continue;
    }
    if (seen && !sidecar) continue;
    if (newest.state === 'running') {
      if (sidecar && isStarted(record, init)) advance();
    } else if (newest.state === 'exited') {
      if (sidecar) start.push(init);
      else if (newest.exitCode === 0) advance();
      else if (initRestartsAfterExit(pod, init, newest.exitCode ?? 1)) start.push(init);
      else return { initialised: false, start: [], failed: init.name };
    } else if (newest.state === 'created') {
      start.push(init);
    }
    seen = true;
  }
  const first = inits[0];
  if (!seen && first !== undefined) start.push(first);
  return { initialised, start: start.reverse() };
}
