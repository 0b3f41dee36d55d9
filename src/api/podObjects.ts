// Which other objects a pod needs, by what it needs them for. Pure.
import type { ObjectRef } from './dataObject.ts';
import { objectKey } from './dataObject.ts';
import type { DesiredContainer, DesiredPod } from './desiredPod.ts';
import type { Volume } from './kubernetes.ts';

export interface PodObjects {
  /** Read whenever a container starts. */
  readonly environment: readonly ObjectRef[];
  /** Files that follow the objects while the pod runs. */
  readonly volumes: readonly ObjectRef[];
}

export function objectsOfPod(pod: DesiredPod): PodObjects {
  const { namespace } = pod.metadata;
  return {
    environment: refs(namespace, containersOf(pod).flatMap(environmentNames)),
    volumes: refs(namespace, mountedVolumes(pod).flatMap(volumeNames)),
  };
}

/** Volumes that some container mounts, in the order of the pod; what nobody mounts is not made. */
export function mountedVolumes(pod: DesiredPod): readonly Volume[] {
  const names = new Set(
    containersOf(pod).flatMap((c) => [...(c.volumeMounts ?? []), ...(c.volumeDevices ?? [])].map((m) => m.name)),
  );
  return (pod.spec.volumes ?? []).filter((volume) => names.has(volume.name));
}

export function containersOf(pod: DesiredPod): readonly DesiredContainer[] {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
}

type Named = Pick<ObjectRef, 'kind' | 'name'>;

function refs(namespace: string, named: readonly Named[]): readonly ObjectRef[] {
  const all = named.map((one): [string, ObjectRef] => {
    const ref = { ...one, namespace };
    return [objectKey(ref), ref];
  });
  return [...new Map(all).values()];
}

function environmentNames({ env = [], envFrom = [] }: DesiredContainer): readonly Named[] {
  return [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => pair(configMapRef?.name, secretRef?.name)),
    ...env.flatMap(({ valueFrom }) => pair(valueFrom?.configMapKeyRef?.name, valueFrom?.secretKeyRef?.name)),
  ];
}

function volumeNames({ configMap, secret, projected }: Volume): readonly Named[] {
  const sources = projected?.sources ?? [];
  return [
    ...pair(configMap?.name, secret?.secretName),
    ...sources.flatMap((source) => pair(source.configMap?.name, source.secret?.name)),
  ];
}

function pair(configMap: string | undefined, secret: string | undefined): readonly Named[] {
  return [
    ...(configMap === undefined ? [] : [{ kind: 'ConfigMap', name: configMap } as const]),
    ...(secret === undefined ? [] : [{ kind: 'Secret', name: secret } as const]),
  ];
}
