// What a pod needs that not every machine or runtime has. Pure.
// Rule: kubelet general predicates (operating system, groups policy). User namespaces and runtime classes fail there
// when the sandbox is made; here they are refused before anything is, with what to do.
import type { DesiredPod } from '../../api/desiredPod.ts';
import { own } from '../../lib/own.ts';
import type { Refusal, World } from '../world.ts';

const OS_LABEL = 'kubernetes.io/os';

export function abilityRefusal(pod: DesiredPod, { settings, runtime }: World): Refusal | undefined {
  const { runtimeClassName, hostUsers, securityContext } = pod.spec;
  const os = pod.metadata.labels[OS_LABEL];
  if (os !== undefined && os !== 'linux') {
    return {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: `Failed to admit pod as the \`${OS_LABEL}\` label doesn't match node label`,
    };
  }
  if (securityContext?.supplementalGroupsPolicy === 'Strict' && !runtime.features.supplementalGroupsPolicy) {
    return {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    };
  }
  const handler = runtimeHandler(pod, settings.runtimeClasses);
  if (handler === undefined) {
    const known = Object.keys(settings.runtimeClasses);
    const list = known.length === 0 ? 'it names none' : `it names ${known.join(', ')}`;
    const message = `RuntimeClass "${runtimeClassName}" is not in the configuration (runtimeClasses): ${list}`;
    return { reason: 'RuntimeClassNotFound', message };
  }
  if (hostUsers === false && !runtime.features.userNamespaces.includes(handler)) {
    const name = handler === '' ? 'the default handler' : `handler "${handler}"`;
    const message = `hostUsers: false needs user namespaces, which ${name} of this runtime (${runtime.name} ${runtime.version}) does not have; containerd has them from 2.0, with runc from 1.2`;
    return { reason: 'PodFeatureUnsupported', message };
  }
  return undefined;
}

/** The runtime's name for how the pod is to be run; "" is its default. @returns undefined for a class that nobody configured */
export function runtimeHandler({ spec }: DesiredPod, classes: { readonly [name: string]: string }): string | undefined {
  const name = spec.runtimeClassName;
  return name === undefined || name === '' ? '' : own(classes, name);
}
