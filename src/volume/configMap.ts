// configMap: the keys of a ConfigMap as files, on disk like the reference's.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#configmap
import type { PreparedVolume } from '../ports/volumes.ts';
import { objectPayload } from './objectPayload.ts';
import { setUpPayloadVolume } from './payloadVolume.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

export const configMapVolume: VolumeType = { setUp, refreshes: true };

async function setUp(context: VolumeContext): Promise<PreparedVolume> {
  const { name = '', items, optional, defaultMode } = context.volume.configMap ?? {};
  const { namespace } = context.pod.metadata;
  const payload = objectPayload({ kind: 'ConfigMap', namespace, name, items, optional, defaultMode }, context.find);
  if (!payload.ok) throw new VolumeError(payload.error);
  return setUpPayloadVolume(context, { plugin: 'kubernetes.io~configmap', medium: 'disk', payload: payload.value });
}
