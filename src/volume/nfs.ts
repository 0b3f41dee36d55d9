// nfs: a directory of another machine, mounted by mount(8) and its helper for NFS. What is in it is not ours: ownership
// and modes are left alone.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#nfs
import { access } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import type { PreparedVolume } from '../ports/volumes.ts';
import { ensureDirectory } from './directories.ts';
import { volumeDirectory } from './layout.ts';
import { mountFilesystem } from './mount.ts';
import { mountAt, readMountTable } from './mountTable.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

/** Where mount(8) looks for its helpers. */
const HELPERS = ['/sbin/mount.nfs', '/usr/sbin/mount.nfs'];

export const nfsVolume: VolumeType = { setUp, refreshes: false };

async function setUp({ volume, podDir, signal }: VolumeContext): Promise<PreparedVolume> {
  const { server = '', path = '', readOnly = false } = volume.nfs ?? {};
  const target = volumeDirectory(podDir, 'kubernetes.io~nfs', volume.name);
  // What is mounted there is ours. The mount table alone is asked: a server that is gone answers no question about its files.
  if (mountAt(await readMountTable(), target) !== undefined) return { hostPath: target, readOnly };
  if (!(await hasHelper())) {
    throw new VolumeError('this machine cannot mount NFS: mount.nfs is missing (apt-get install nfs-common)');
  }
  await ensureDirectory(target);
  const host = isIPv6(server) ? `[${server}]` : server;
  const options = readOnly ? ['ro'] : [];
  await mountFilesystem({ fsType: 'nfs', source: `${host}:${path}`, target, options }, signal);
  return { hostPath: target, readOnly };
}

async function hasHelper(): Promise<boolean> {
  for (const helper of HELPERS) {
    const found = await access(helper).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
