// projected: ConfigMaps, Secrets and what a pod says about itself, in one directory.
// Rule: https://kubernetes.io/docs/concepts/storage/projected-volumes/ ; a later source wins where paths are equal.
import type { VolumeProjection } from '../api/kubernetes.ts';
import { ok, type Result } from '../lib/result.ts';
import type { PreparedVolume } from '../ports/volumes.ts';
import { downwardApiPayload } from './downwardApi.ts';
import { objectPayload } from './objectPayload.ts';
import type { Payload, PayloadFile } from './payload.ts';
import { setUpPayloadVolume } from './payloadVolume.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

export const projectedVolume: VolumeType = { setUp, refreshes: true };

type ProjectionContext = Pick<VolumeContext, 'pod' | 'volume' | 'node' | 'find'>;

async function setUp(context: VolumeContext): Promise<PreparedVolume> {
  const payload = projectedPayload(context);
  return setUpPayloadVolume(context, { plugin: 'kubernetes.io~projected', medium: 'memory', payload });
}

/** @throws VolumeError with everything that is missing, not only the first of it */
export function projectedPayload(context: ProjectionContext): Payload {
  const files = new Map<string, PayloadFile>();
  const errors: string[] = [];
  for (const source of context.volume.projected?.sources ?? []) {
    const payload = sourcePayload(source, context);
    if (!payload.ok) errors.push(payload.error);
    else for (const [path, file] of payload.value) files.set(path, file);
  }
  const [only, ...others] = errors;
  if (only === undefined) return files;
  throw new VolumeError(others.length === 0 ? only : `[${errors.join(', ')}]`);
}

function sourcePayload(
  { configMap, secret, downwardAPI }: VolumeProjection,
  { pod, volume, node, find }: ProjectionContext,
): Result<Payload, string> {
  const { namespace } = pod.metadata;
  const defaultMode = volume.projected?.defaultMode;
  for (const [kind, source] of [['ConfigMap', configMap] as const, ['Secret', secret] as const]) {
    if (source === undefined) continue;
    const { name = '', items, optional } = source;
    return objectPayload({ kind, namespace, name, items, optional, defaultMode }, find);
  }
  return downwardAPI === undefined
    ? ok(new Map())
    : downwardApiPayload(pod, { items: downwardAPI.items ?? [], defaultMode, node });
}
