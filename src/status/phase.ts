// The phase of a pod from its spec and its containers' statuses. Pure.
// Rule: kubelet getPhase, with sidecars and container restart rules.
import { type DesiredPod, isSidecar } from '../api/desiredPod.ts';
import type { ContainerStatus } from '../api/kubernetes.ts';
import { initRestartsAfterExit, restartsAfterExit } from '../core/rules/restart.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface StatusesByName {
  readonly init: ReadonlyMap<string, ContainerStatus>;
  readonly app: ReadonlyMap<string, ContainerStatus>;
  /** Containers that start anew with all others of the pod: how they have ended does not count. */
  readonly awaited: ReadonlySet<string>;
  /** Containers that were stopped for a new definition: they come back whatever their policy says. */
  readonly replaced: ReadonlySet<string>;
  /** Some app container has been made since the pod was last initialised. */
  readonly hasBegun: boolean;
}

export function phaseOf(pod: DesiredPod, statuses: StatusesByName): Phase {
  const apps = pod.spec.containers.map((c) => ({ spec: c, status: statuses.app.get(c.name) }));
  const exitCode = (status: ContainerStatus | undefined): number | undefined =>
    status === undefined || statuses.awaited.has(status.name) ? undefined : lastExitCode(status);
  const inits = initCounts(pod, statuses);
  if (inits.failed) return 'Failed';
  if (inits.pending && !statuses.hasBegun) return 'Pending';
  const running = apps.filter(({ status }) => status?.state?.running !== undefined).length;
  const stopped = apps.filter(({ status }) => exitCode(status) !== undefined);
  const untouched = apps.length - running - stopped.length;
  if (untouched > 0) return 'Pending';
  if (running > 0) return 'Running';
  const comesBack = stopped.some(
    ({ spec, status }) => statuses.replaced.has(spec.name) || restartsAfterExit(pod, spec, exitCode(status) ?? 1),
  );
  if (comesBack) return 'Running';
  return stopped.every(({ status }) => status?.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

/** The exit code of a container that has ended, also while it waits for its next start. */
function lastExitCode({ state, lastState }: ContainerStatus): number | undefined {
  if (state?.terminated !== undefined) return state.terminated.exitCode;
  return state?.waiting === undefined ? undefined : lastState?.terminated?.exitCode;
}

/** An init container has failed when nothing lets it try again. */
function initCounts(pod: DesiredPod, { init, awaited }: StatusesByName): { pending: boolean; failed: boolean } {
  let pending = false;
  let failed = false;
  for (const container of pod.spec.initContainers ?? []) {
    const status = init.get(container.name);
    if (isSidecar(container)) {
      pending ||= status?.started !== true && status?.state?.running === undefined;
      continue;
    }
    const code = status === undefined || awaited.has(container.name) ? undefined : lastExitCode(status);
    if (code === undefined) pending = true;
    else if (code !== 0 && !initRestartsAfterExit(pod, container, code)) failed = true;
    else if (code !== 0) pending = true;
  }
  return { pending, failed };
}
