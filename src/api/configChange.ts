// What happens to a pod when a ConfigMap or Secret that it uses changes. Pure. Kubernetes leaves such pods alone, and so
// does this program unless the pod's annotation says otherwise.
import type { DesiredPod } from './desiredPod.ts';

export const ON_CONFIG_CHANGE_ANNOTATION = 'solopod.dev/on-config-change';
/** none: as in Kubernetes. restart: the whole pod, by its grace period, once everything it requires is there. */
export const ON_CONFIG_CHANGE_VALUES = ['none', 'restart'] as const;

/** On the sandbox of a pod that restarts: which versions of the objects it was made for. */
export const CONFIG_VERSION_ANNOTATION = 'solopod.dev/config-version';

export function restartsOnConfigChange(pod: DesiredPod): boolean {
  return pod.metadata.annotations[ON_CONFIG_CHANGE_ANNOTATION] === 'restart';
}
