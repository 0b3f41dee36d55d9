// Which containers' logs are meant. Pure. Rule: kubectl logs: the annotation for a default container, else the first.
import type { Pod } from '../../api/kubernetes.ts';
import { allContainers } from '../../api/podContainers.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { EXIT, type Failure } from '../exitCodes.ts';

export interface LogTarget {
  readonly pod: Pod;
  readonly container: string;
}

export interface WantedContainers {
  readonly container?: string;
  readonly allContainers: boolean;
}

export function logTargets(pods: readonly Pod[], wanted: WantedContainers): Result<readonly LogTarget[], Failure> {
  const targets: LogTarget[] = [];
  for (const pod of pods) {
    const names = containerNames(pod);
    const { container } = wanted;
    if (container !== undefined && !names.includes(container)) {
      const message = `Pod "${pod.metadata?.name}" has no container "${container}", only ${names.join(', ')}`;
      return err({ exitCode: EXIT.failed, message });
    }
    const meant = wanted.allContainers ? names : [container ?? defaultContainer(pod)];
    targets.push(...meant.map((name) => ({ pod, container: name })));
  }
  return ok(targets);
}

/** Init containers first, as they run. */
export function containerNames(pod: Pod): readonly string[] {
  return allContainers(pod.spec).map(({ name }) => name);
}

export function defaultContainer(pod: Pod): string {
  const annotated = pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  if (annotated !== undefined && containerNames(pod).includes(annotated)) return annotated;
  return pod.spec?.containers[0]?.name ?? '';
}
