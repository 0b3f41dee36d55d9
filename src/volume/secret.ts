// secret: the keys of a Secret as files that are never on disk.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#secret
import type { PreparedVolume } from '../ports/volumes.ts';
import { objectPayload } from './objectPayload.ts';
import { setUpPayloadVolume } from './payloadVolume.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

export const secretVolume: VolumeType = { setUp, refreshes: true };

async function setUp(context: VolumeContext): Promise<PreparedVolume> {
  const { secretName: name = '', items, optional, defaultMode } = context.volume.secret ?? {};
  const { namespace } = context.pod.metadata;
  const payload = objectPayload({ kind: 'Secret', namespace, name, items, optional, defaultMode }, context.find);
  if (!payload.ok) throw new VolumeError(payload.error);
  return setUpPayloadVolume(context, { plugin: 'kubernetes.io~secret', medium: 'memory', payload: payload.value });
}
