// Labels and annotations by which sandboxes and containers are found again, with the kubelet's keys, so that crictl and
// every node tool knows them. Pure. Written here, read in decode/.
import { CONFIG_VERSION_ANNOTATION } from '../../api/configChange.ts';
import { containerSize, formatSize, SIZE_ANNOTATION } from '../../api/containerSize.ts';
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { ContainerPort, LifecycleHandler } from '../../api/kubernetes.ts';
import { OWNER_ANNOTATION } from '../../api/node.ts';
import { steersRuntime } from '../../api/runtimeAnnotations.ts';
import { containerSpecHash } from '../../api/specHash.ts';

export const POD_NAME_LABEL = 'io.kubernetes.pod.name';
export const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
export const POD_UID_LABEL = 'io.kubernetes.pod.uid';
export const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';

export const CONTAINER_HASH_ANNOTATION = 'io.kubernetes.container.hash';
export const RESTART_COUNT_ANNOTATION = 'io.kubernetes.container.restartCount';
export const TERMINATION_PATH_ANNOTATION = 'io.kubernetes.container.terminationMessagePath';
export const TERMINATION_POLICY_ANNOTATION = 'io.kubernetes.container.terminationMessagePolicy';
export const PRE_STOP_ANNOTATION = 'io.kubernetes.container.preStopHandler';
export const PORTS_ANNOTATION = 'io.kubernetes.container.ports';
export const GRACE_PERIOD_ANNOTATION = 'io.kubernetes.pod.terminationGracePeriod';
/** Which version of the pod a sandbox was made for: DesiredPod.hash. */
export const POD_HASH_ANNOTATION = 'solopod.dev/hash';

type Entries = { readonly [key: string]: string };

export function sandboxLabels(pod: DesiredPod): Entries {
  return { ...pod.metadata.labels, ...podIdentity(pod) };
}

export function sandboxAnnotations(
  pod: DesiredPod,
  { owner, configVersion }: { readonly owner: string; readonly configVersion?: string },
): Entries {
  return {
    ...Object.fromEntries(Object.entries(pod.metadata.annotations).filter(([key]) => !steersRuntime(key))),
    [OWNER_ANNOTATION]: owner,
    [POD_HASH_ANNOTATION]: pod.hash,
    ...(configVersion === undefined ? {} : { [CONFIG_VERSION_ANNOTATION]: configVersion }),
  };
}

export function containerLabels(pod: DesiredPod, container: DesiredContainer): Entries {
  return { ...podIdentity(pod), [CONTAINER_NAME_LABEL]: container.name };
}

/** @param facts.attempt restart count of the new instance */
export function containerAnnotations(
  pod: DesiredPod,
  container: DesiredContainer,
  facts: { readonly attempt: number; readonly owner: string },
): Entries {
  const preStop = container.lifecycle?.preStop;
  return {
    [CONTAINER_HASH_ANNOTATION]: containerSpecHash(container),
    [RESTART_COUNT_ANNOTATION]: String(facts.attempt),
    [TERMINATION_PATH_ANNOTATION]: container.terminationMessagePath,
    [TERMINATION_POLICY_ANNOTATION]: container.terminationMessagePolicy,
    [GRACE_PERIOD_ANNOTATION]: String(pod.spec.terminationGracePeriodSeconds),
    ...(preStop === undefined ? {} : { [PRE_STOP_ANNOTATION]: JSON.stringify(orderHandler(preStop)) }),
    ...(container.ports?.length ? { [PORTS_ANNOTATION]: JSON.stringify(container.ports.map(orderPort)) } : {}),
    [OWNER_ANNOTATION]: facts.owner,
    [SIZE_ANNOTATION]: formatSize(containerSize(pod, container)),
  };
}

function podIdentity(pod: DesiredPod): Entries {
  return {
    [POD_NAME_LABEL]: pod.metadata.name,
    [POD_NAMESPACE_LABEL]: pod.metadata.namespace,
    [POD_UID_LABEL]: pod.uid,
  };
}

/** Members in the order of the Kubernetes API, whatever order the manifest has. */
function orderPort({ name, hostPort, containerPort, protocol, hostIP }: ContainerPort): ContainerPort {
  return {
    ...(name ? { name } : {}),
    ...(hostPort ? { hostPort } : {}),
    containerPort,
    ...(protocol ? { protocol } : {}),
    ...(hostIP ? { hostIP } : {}),
  };
}

function orderHandler({ exec, httpGet, tcpSocket, sleep }: LifecycleHandler): LifecycleHandler {
  return {
    ...(exec === undefined ? {} : { exec }),
    ...(httpGet === undefined ? {} : { httpGet: orderHttpGet(httpGet) }),
    ...(tcpSocket === undefined ? {} : { tcpSocket }),
    ...(sleep === undefined ? {} : { sleep }),
  };
}

function orderHttpGet(get: NonNullable<LifecycleHandler['httpGet']>): NonNullable<LifecycleHandler['httpGet']> {
  return {
    ...(get.path ? { path: get.path } : {}),
    port: get.port,
    ...(get.host ? { host: get.host } : {}),
    ...(get.scheme ? { scheme: get.scheme } : {}),
    ...(get.httpHeaders?.length ? { httpHeaders: get.httpHeaders } : {}),
  };
}
