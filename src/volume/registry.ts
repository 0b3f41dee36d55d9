// Kinds of volumes. To add one: write src/volume/<kind>.ts with a VolumeType, add its name to VolumeKind and its line to
// VOLUME_TYPES, accept the field in the manifest's admission.
import type { Volume } from '../api/kubernetes.ts';
import { configMapVolume } from './configMap.ts';
import { downwardApiVolume } from './downwardApi.ts';
import { emptyDirVolume } from './emptyDir.ts';
import { hostPathVolume } from './hostPath.ts';
import { imageVolume } from './image.ts';
import { nfsVolume } from './nfs.ts';
import { persistentVolumeClaimVolume } from './persistentVolumeClaim.ts';
import { projectedVolume } from './projected.ts';
import { secretVolume } from './secret.ts';
import type { VolumeType } from './volumeType.ts';

type VolumeKind =
  | 'emptyDir'
  | 'hostPath'
  | 'downwardAPI'
  | 'configMap'
  | 'secret'
  | 'projected'
  | 'persistentVolumeClaim'
  | 'nfs'
  | 'image';

const VOLUME_TYPES = {
  emptyDir: emptyDirVolume,
  hostPath: hostPathVolume,
  downwardAPI: downwardApiVolume,
  configMap: configMapVolume,
  secret: secretVolume,
  projected: projectedVolume,
  persistentVolumeClaim: persistentVolumeClaimVolume,
  nfs: nfsVolume,
  image: imageVolume,
} satisfies Record<VolumeKind, VolumeType>;

/** @returns undefined for a kind that is not implemented */
export function volumeType(volume: Volume): VolumeType | undefined {
  const kind = volumeKind(volume);
  return isImplemented(kind) ? VOLUME_TYPES[kind] : undefined;
}

/** The field that names the volume's source; a volume without one is an emptyDir. */
export function volumeKind(volume: Volume): string {
  const { name: _, ...sources } = volume;
  const given = Object.entries(sources).find(([, source]) => source !== undefined);
  return given?.[0] ?? 'emptyDir';
}

function isImplemented(kind: string): kind is VolumeKind {
  return Object.hasOwn(VOLUME_TYPES, kind);
}
