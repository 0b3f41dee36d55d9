// Which other objects a pod needs, by what it needs them for. Pure.
import { claimRef } from './claim.ts';
import { type DataKind, type ObjectKey, type ObjectRef, objectKey } from './dataObject.ts';
import type { DesiredContainer, DesiredPod } from './desiredPod.ts';
import type { Volume } from './kubernetes.ts';

export interface PodObjects {
  /** Read whenever a container starts. */
  readonly environment: readonly ObjectRef[];
  /** Files that follow the objects while the pod runs. */
  readonly volumes: readonly ObjectRef[];
  /** Directories that outlive the pod. */
  readonly claims: readonly ObjectKey[];
  /** Those of all without which the pod can't run. */
  readonly required: readonly ObjectKey[];
}

export function objectsOfPod(pod: DesiredPod): PodObjects {
  const { namespace } = pod.metadata;
  const environment = containersOf(pod).flatMap(environmentNames);
  const volumes = mountedVolumes(pod).flatMap(volumeNames);
  const claims = claimsOf(pod);
  const required = [...environment, ...volumes].filter(({ optional }) => optional !== true);
  return {
    environment: refs(namespace, environment),
    volumes: refs(namespace, volumes),
    claims,
    required: [...refs(namespace, required), ...claims],
  };
}

function claimsOf(pod: DesiredPod): readonly ObjectKey[] {
  const { namespace } = pod.metadata;
  const names = mountedVolumes(pod).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  return [...new Set(names)].map((name) => claimRef({ namespace, name }));
}

/** Secrets that the pod's images may need, in the order in which they are tried. */
export function pullSecretsOf({ metadata: { namespace }, spec }: DesiredPod): readonly ObjectRef[] {
  const names = (spec.imagePullSecrets ?? []).flatMap(({ name }) => name || []);
  return refs(
    namespace,
    names.map((name) => ({ kind: 'Secret', name, optional: true })),
  );
}

/** Volumes that some container mounts or reads variables from, in the order of the pod; others are not made. */
export function mountedVolumes(pod: DesiredPod): readonly Volume[] {
  const names = new Set(containersOf(pod).flatMap(volumesUsedBy));
  return (pod.spec.volumes ?? []).filter((volume) => names.has(volume.name));
}

function volumesUsedBy({ volumeMounts = [], volumeDevices = [], env = [] }: DesiredContainer): readonly string[] {
  const read = env.flatMap(({ valueFrom }) => valueFrom?.fileKeyRef?.volumeName ?? []);
  return [...volumeMounts.map(({ name }) => name), ...volumeDevices.map(({ name }) => name), ...read];
}

/** App containers first: versions that stand on sandboxes are made in this order. */
function containersOf(pod: DesiredPod): readonly DesiredContainer[] {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
}

interface Named extends Pick<ObjectRef, 'kind' | 'name'> {
  readonly optional: boolean | undefined;
}

function refs(namespace: string, named: readonly Named[]): readonly ObjectRef[] {
  const all = named.map(({ kind, name }): [string, ObjectRef] => {
    const ref = { kind, namespace, name };
    return [objectKey(ref), ref];
  });
  return [...new Map(all).values()];
}

function environmentNames({ env = [], envFrom = [] }: DesiredContainer): readonly Named[] {
  return [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => pair(configMapRef, secretRef)),
    ...env.flatMap(({ valueFrom }) => pair(valueFrom?.configMapKeyRef, valueFrom?.secretKeyRef)),
  ];
}

function volumeNames({ configMap, secret, projected }: Volume): readonly Named[] {
  const own = pair(configMap, { name: secret?.secretName, optional: secret?.optional });
  return [...own, ...(projected?.sources ?? []).flatMap((source) => pair(source.configMap, source.secret))];
}

interface NamedRef {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

function pair(configMap: NamedRef | undefined, secret: NamedRef | undefined): readonly Named[] {
  return [...named('ConfigMap', configMap), ...named('Secret', secret)];
}

function named(kind: DataKind, { name, optional }: NamedRef = {}): readonly Named[] {
  return name === undefined ? [] : [{ kind, name, optional }];
}
