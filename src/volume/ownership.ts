// fsGroup: gives a volume to a group of the pod. Volumes of the kinds made here are new and empty, or written file by
// file, when their ownership is set, so there is never a tree of a container's making to walk.
// Rule: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ (fsGroup)
import { openDirectory } from './directoryHandle.ts';

export type VolumeAccess = 'readWrite' | 'readOnly';

const SETGID = 0o2000;
const DIRECTORY_BITS = SETGID | 0o110;
const ACCESS_BITS: { readonly [access in VolumeAccess]: number } = { readWrite: 0o660, readOnly: 0o440 };

/** The mode that a file or directory of an fsGroup volume has. */
export function fsGroupMode(
  mode: number,
  entry: { readonly kind: 'file' | 'directory'; readonly access: VolumeAccess },
): number {
  return mode | ACCESS_BITS[entry.access] | (entry.kind === 'directory' ? DIRECTORY_BITS : 0);
}

/** Gives a directory its mode, and its group where the pod has one. Idempotent. */
export async function setDirectoryOwnership(
  path: string,
  ownership: { readonly mode: number; readonly group: number | undefined; readonly access: VolumeAccess },
): Promise<void> {
  const { mode, group, access } = ownership;
  await using directory = await openDirectory(path);
  if (group !== undefined) await directory.chown((await directory.stat()).uid, group);
  await directory.chmod(group === undefined ? mode : fsGroupMode(mode, { kind: 'directory', access }));
}
