// What is mounted into a container, in the kubelet's order: volumes as the manifest lists them, the managed hosts file,
// the termination message file last. Pure.
// Rule: kubelet_pods.go makeMounts; https://kubernetes.io/docs/concepts/storage/volumes/
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { IdRange } from '../../api/idRange.ts';
import type { VolumeMount } from '../../api/kubernetes.ts';
import type { LocalImage } from '../../api/observed.ts';
import { allContainers } from '../../api/podContainers.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ContainerFiles, PreparedSubPaths, PreparedVolumes } from '../../ports/volumes.ts';
import type { Mount } from '../messages.ts';
import { idMappings } from './namespaces.ts';

export interface MountFacts {
  readonly volumes: PreparedVolumes;
  readonly volumeImages: { readonly [volume: string]: LocalImage };
  readonly subPaths: PreparedSubPaths;
  readonly files: ContainerFiles;
  /** True where the runtime can make a mount and everything below it read-only. */
  readonly recursiveReadOnly: boolean;
  readonly selinux: boolean;
  /** Users of a pod that has its own: what they own on disk is owned by the host's. */
  readonly idRange?: IdRange;
}

/** Volumes that this program fills itself; a hostPath keeps its own SELinux label. */
const MANAGED_VOLUMES = [
  'emptyDir',
  'configMap',
  'secret',
  'downwardAPI',
  'projected',
  'persistentVolumeClaim',
] as const;

/** @returns an error text where a mount cannot be made as asked */
export function containerMounts(
  pod: DesiredPod,
  container: DesiredContainer,
  facts: MountFacts,
): Result<readonly Mount[], string> {
  const mounts: Mount[] = [];
  for (const [index, volumeMount] of (container.volumeMounts ?? []).entries()) {
    const mount = encodeVolumeMount(volumeMount, { pod, container, facts, index });
    if (!mount.ok) return mount;
    mounts.push(mount.value);
  }
  const relabel = facts.selinux ? { selinuxRelabel: true } : {};
  const { hostsFile, terminationLog } = facts.files;
  if (hostsFile !== undefined) mounts.push({ containerPath: '/etc/hosts', hostPath: hostsFile, ...relabel });
  if (container.terminationMessagePath !== '') {
    mounts.push({ containerPath: container.terminationMessagePath, hostPath: terminationLog, ...relabel });
  }
  return ok(facts.idRange === undefined ? mounts : mounts.map(withMappings(facts.idRange)));
}

/** Files keep the owners that they have on disk, as the pod's own users see them. */
function withMappings(idRange: IdRange): (mount: Mount) => Mount {
  const mappings = idMappings(idRange);
  return (mount) => ({ ...mount, uidMappings: mappings, gidMappings: mappings });
}

interface Scope {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly facts: MountFacts;
  /** Position of the mount in the container's volumeMounts. */
  readonly index: number;
}

function encodeVolumeMount(volumeMount: VolumeMount, scope: Scope): Result<Mount, string> {
  const { container, facts, index } = scope;
  const { name, mountPath, mountPropagation } = volumeMount;
  const volume = facts.volumes[name];
  if (volume === undefined) return err(`cannot find volume "${name}" to mount into container "${container.name}"`);
  const part = facts.subPaths[index];
  if (part === undefined && (volumeMount.subPath || volumeMount.subPathExpr)) {
    return err(`failed to prepare subPath for volumeMount "${name}" of container "${container.name}"`);
  }
  const image = facts.volumeImages[name];
  if (image !== undefined) return ok(encodeImageMount(volumeMount, { ...scope, image, part }));
  const recursive = recursiveReadOnly(volumeMount, facts.recursiveReadOnly);
  if (!recursive.ok) return recursive;
  return ok({
    containerPath: absolute(mountPath),
    hostPath: part ?? volume.hostPath,
    ...(volumeMount.readOnly || volume.readOnly ? { readonly: true } : {}),
    ...(facts.selinux && isFirstMountOf(name, scope) ? { selinuxRelabel: true } : {}),
    ...(mountPropagation === 'HostToContainer' ? { propagation: 'PROPAGATION_HOST_TO_CONTAINER' } : {}),
    ...(mountPropagation === 'Bidirectional' ? { propagation: 'PROPAGATION_BIDIRECTIONAL' } : {}),
    ...(recursive.value ? { recursiveReadOnly: true } : {}),
  });
}

/** Always read-only: an image is content that others use too. */
function encodeImageMount(
  { name, mountPath }: VolumeMount,
  { pod, image, part }: Scope & { readonly image: LocalImage; readonly part: string | undefined },
): Mount {
  const reference = pod.spec.volumes?.find((volume) => volume.name === name)?.image?.reference ?? '';
  return {
    containerPath: absolute(mountPath),
    hostPath: '',
    readonly: true,
    image: { image: image.ref, userSpecifiedImage: reference },
    ...(part === undefined ? {} : { imageSubPath: part }),
  };
}

function absolute(mountPath: string): string {
  return mountPath.startsWith('/') ? mountPath : `/${mountPath}`;
}

function recursiveReadOnly(
  { recursiveReadOnly: mode, mountPath }: VolumeMount,
  supported: boolean,
): Result<boolean, string> {
  if (mode === 'Enabled' && !supported) {
    return err(`volume mount "${mountPath}": recursiveReadOnly is not supported by the container runtime`);
  }
  return ok(supported && (mode === 'Enabled' || mode === 'IfPossible'));
}

/** A volume is labelled once, for the first container that mounts it. */
function isFirstMountOf(name: string, { pod, container }: Scope): boolean {
  const volume = pod.spec.volumes?.find((candidate) => candidate.name === name);
  if (volume === undefined || !MANAGED_VOLUMES.some((kind) => volume[kind] !== undefined)) return false;
  const first = allContainers(pod.spec).find((candidate) =>
    candidate.volumeMounts?.some((mount) => mount.name === name),
  );
  return first?.name === container.name;
}
