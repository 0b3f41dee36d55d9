// A volume whose files are written here: the common part of configMap, secret, downwardAPI and projected. Containers only
// read it. Setting it up again refreshes the files when what they say has changed.
import { mkdir } from 'node:fs/promises';
import type { PreparedVolume } from '../ports/volumes.ts';
import { writePayload } from './atomicWriter.ts';
import { ensureDirectory } from './directories.ts';
import { isMounted, payloadBacking } from './emptyDir.ts';
import { type PluginName, volumeDirectory } from './layout.ts';
import { mountFilesystem } from './mount.ts';
import { setDirectoryOwnership } from './ownership.ts';
import { nestedMountPoints, type Payload, withFsGroup } from './payload.ts';
import type { VolumeContext } from './volumeType.ts';

const DIRECTORY_MODE = 0o777;

export async function setUpPayloadVolume(
  context: VolumeContext,
  what: { readonly plugin: PluginName; readonly medium: 'memory' | 'disk'; readonly payload: Payload },
): Promise<PreparedVolume> {
  const { pod, volume, podDir, node, signal } = context;
  const path = volumeDirectory(podDir, what.plugin, volume.name);
  const group = pod.spec.securityContext?.fsGroup;
  await ensureDirectory(path);
  if (what.medium === 'memory') {
    const backing = payloadBacking(pod, node);
    if (!(await isMounted(path, backing))) await mountFilesystem({ ...backing, target: path }, signal);
  }
  await setDirectoryOwnership(path, { mode: DIRECTORY_MODE, group, access: 'readOnly' });
  const payload = withFsGroup(what.payload, group);
  const outcome = await writePayload(path, { payload, group, wall: context.now().wall, signal });
  for (const nested of nestedMountPoints(pod, volume.name)) {
    await mkdir(`${path}/${nested}`, { recursive: true, mode: 0o755 });
  }
  return { hostPath: path, readOnly: true, ...(outcome === 'replaced' ? { rewritten: true } : {}) };
}
