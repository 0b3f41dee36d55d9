// persistentVolumeClaim: the directory that a claim has on this machine. A pod whose claim no manifest gives waits for it.
// Rule: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes
import { isReadOnlyClaim } from '../api/claim.ts';
import { notFound } from '../api/dataObject.ts';
import type { PreparedVolume } from '../ports/volumes.ts';
import { ensureClaim } from './claims.ts';
import { isReady, markReady } from './directories.ts';
import { type PluginName, readyMarker } from './layout.ts';
import { setTreeOwnership } from './treeOwnership.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

const PLUGIN: PluginName = 'kubernetes.io~local-volume';

export const persistentVolumeClaimVolume: VolumeType = { setUp, refreshes: false };

async function setUp(context: VolumeContext): Promise<PreparedVolume> {
  const { pod, volume, podDir, rootDir, findClaim, signal } = context;
  const { claimName = '', readOnly = false } = volume.persistentVolumeClaim ?? {};
  const claim = findClaim({ namespace: pod.metadata.namespace, name: claimName });
  if (claim === undefined) throw new VolumeError(notFound({ kind: 'PersistentVolumeClaim', name: claimName }));
  const hostPath = await ensureClaim(rootDir, claim);
  const prepared = { hostPath, readOnly: readOnly || isReadOnlyClaim(claim) };
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  if (prepared.readOnly || fsGroup === undefined) return prepared;
  // Once for a pod: a restart of this program walks no tree that containers write to.
  const marker = readyMarker(podDir, PLUGIN, volume.name);
  if (await isReady(marker)) return prepared;
  await setTreeOwnership(
    hostPath,
    { group: fsGroup, onRootMismatch: fsGroupChangePolicy === 'OnRootMismatch' },
    signal,
  );
  await markReady(marker);
  return prepared;
}
