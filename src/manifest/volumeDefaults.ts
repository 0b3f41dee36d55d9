// Defaults of volumes: the type when none is given, file modes, and what single types leave out. Pure.
// Source: the defaults stated in the Kubernetes API reference for Volume.
import { canonicalQuantity } from '../api/canonicalQuantity.ts';
import { defaultPullPolicy } from '../api/imageRef.ts';
import type { DownwardAPIVolumeFile, EmptyDirVolumeSource, Volume, VolumeProjection } from '../api/kubernetes.ts';
import { defaultSelectors } from './selectorDefaults.ts';

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3600;

/** A volume without a type is an emptyDir. */
export function defaultVolume(volume: Volume): Volume {
  const untyped = Object.keys(volume).every((field) => field === 'name');
  if (untyped) return { ...volume, emptyDir: {} };
  return { ...volume, ...sourceDefaults(volume) };
}

function sourceDefaults(volume: Volume): Partial<Volume> {
  const { emptyDir, hostPath, configMap, secret, downwardAPI, projected, image, iscsi, rbd, azureDisk, scaleIO } =
    volume;
  if (emptyDir !== undefined) return { emptyDir: defaultEmptyDir(emptyDir) };
  if (hostPath !== undefined) return { hostPath: { type: '', ...hostPath } };
  if (configMap !== undefined) return { configMap: { defaultMode: FILE_MODE, ...configMap } };
  if (secret !== undefined) return { secret: { defaultMode: FILE_MODE, ...secret } };
  if (downwardAPI !== undefined) {
    const items = downwardAPI.items === undefined ? {} : { items: downwardAPI.items.map(defaultFile) };
    return { downwardAPI: { defaultMode: FILE_MODE, ...downwardAPI, ...items } };
  }
  if (projected !== undefined) {
    const sources = projected.sources === undefined ? {} : { sources: projected.sources.map(defaultProjection) };
    return { projected: { defaultMode: FILE_MODE, ...projected, ...sources } };
  }
  if (image !== undefined) return { image: { pullPolicy: defaultPullPolicy(image.reference ?? ''), ...image } };
  if (iscsi !== undefined) return { iscsi: { iscsiInterface: 'default', ...iscsi } };
  if (rbd !== undefined) return { rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring', ...rbd } };
  if (azureDisk !== undefined) {
    return { azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false, ...azureDisk } };
  }
  if (scaleIO !== undefined) return { scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs', ...scaleIO } };
  return {};
}

function defaultEmptyDir(emptyDir: EmptyDirVolumeSource): EmptyDirVolumeSource {
  const { sizeLimit } = emptyDir;
  return sizeLimit === undefined ? emptyDir : { ...emptyDir, sizeLimit: canonicalQuantity(sizeLimit) };
}

function defaultProjection(source: VolumeProjection): VolumeProjection {
  const { serviceAccountToken, downwardAPI } = source;
  return {
    ...source,
    ...(serviceAccountToken === undefined
      ? {}
      : { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, ...serviceAccountToken } }),
    ...(downwardAPI?.items === undefined
      ? {}
      : { downwardAPI: { ...downwardAPI, items: downwardAPI.items.map(defaultFile) } }),
  };
}

function defaultFile(file: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  return { ...file, ...defaultSelectors(file) };
}
