// downwardAPI: what a pod says about itself, as files.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#downwardapi
import type { DesiredPod } from '../api/desiredPod.ts';
import { fieldValue, resourceValue } from '../api/downwardApi.ts';
import type { DownwardAPIVolumeFile } from '../api/kubernetes.ts';
import type { NodeFacts } from '../api/node.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { PreparedVolume } from '../ports/volumes.ts';
import { checkPayloadPath, type Payload, type PayloadFile, payloadMode } from './payload.ts';
import { setUpPayloadVolume } from './payloadVolume.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

export const downwardApiVolume: VolumeType = { setUp, refreshes: true };

async function setUp(context: VolumeContext): Promise<PreparedVolume> {
  const source = context.volume.downwardAPI ?? {};
  const payload = downwardApiPayload(context.pod, {
    items: source.items ?? [],
    defaultMode: source.defaultMode,
    node: context.node,
  });
  if (!payload.ok) throw new VolumeError(payload.error);
  return setUpPayloadVolume(context, {
    plugin: 'kubernetes.io~downward-api',
    medium: 'memory',
    payload: payload.value,
  });
}

/** The files that the items describe; a later item of the same path wins. */
export function downwardApiPayload(
  pod: DesiredPod,
  source: {
    readonly items: readonly DownwardAPIVolumeFile[];
    readonly defaultMode: number | undefined;
    readonly node: Pick<NodeFacts, 'name' | 'hostIPs' | 'allocatable'>;
  },
): Result<Payload, string> {
  const files = new Map<string, PayloadFile>();
  for (const item of source.items) {
    const path = checkPayloadPath(item.path);
    if (!path.ok) return path;
    const text = itemValue(pod, item, source.node);
    if (text === undefined) return err(`${describe(item)} names nothing that the downward API offers`);
    const mode = payloadMode(item.mode, source.defaultMode);
    files.set(path.value, { content: new TextEncoder().encode(text), mode });
  }
  return ok(files);
}

function itemValue(
  pod: DesiredPod,
  item: DownwardAPIVolumeFile,
  node: Pick<NodeFacts, 'name' | 'hostIPs' | 'allocatable'>,
): string | undefined {
  const { fieldRef, resourceFieldRef } = item;
  if (fieldRef !== undefined) {
    // Volumes are made before the pod has an address; validation lets no volume ask for one.
    return fieldValue(pod, fieldRef.fieldPath, { nodeName: node.name, hostIPs: node.hostIPs, podIPs: [] });
  }
  if (resourceFieldRef === undefined) return undefined;
  const { containerName = '', resource, divisor } = resourceFieldRef;
  return resourceValue(pod, containerName, resource, divisor, node.allocatable);
}

function describe(item: DownwardAPIVolumeFile): string {
  if (item.fieldRef !== undefined) return `fieldPath "${item.fieldRef.fieldPath}"`;
  const { containerName = '', resource = '' } = item.resourceFieldRef ?? {};
  return `resource "${resource}" of container "${containerName}"`;
}
