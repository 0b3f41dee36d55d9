// NFS volumes through mount(8) and its helper. This machine has no NFS server: in a mount namespace of its own, a helper
// takes the place of the real one, notes what it was asked for, and mounts memory.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { tempDir } from '../support/tempDir.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const PROGRAM = join(import.meta.dirname, '../support/nfsVolume.ts');

/** What came of setting the volume up twice and tearing it down. */
interface Scene {
  readonly first: { readonly ok: boolean; readonly error?: { readonly message: string } };
  readonly second: {
    readonly ok: boolean;
    readonly value?: { readonly data: { hostPath: string; readOnly: boolean } };
  };
  /** Arguments of each call of the helper. */
  readonly asked: readonly string[];
  readonly mounted: number;
  readonly left: number;
}

async function play(t: TestContext, helper: string | undefined, nfs: object): Promise<Scene> {
  const top = await tempDir(t);
  const programs = join(top, 'sbin');
  await mkdir(programs);
  if (helper !== undefined) {
    await writeFile(join(programs, 'mount.nfs'), `#!/bin/sh\necho "$*" >>${top}/asked\n${helper}\n`);
    await chmod(join(programs, 'mount.nfs'), 0o755);
  }
  const script = 'mount --bind "$1" /usr/sbin && exec "$2" "$3" "$4" "$5"';
  const args = [programs, process.execPath, PROGRAM, top, JSON.stringify(nfs)];
  const isolated = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'scene', ...args];
  const { stdout } = await promisify(execFile)('unshare', isolated, { timeout: 60_000 });
  return JSON.parse(stdout);
}

describe('nfs', { skip }, () => {
  it('mounts once what the pod names, read-only where it says so, and unmounts it with the pod', async (t) => {
    const nfs = { server: 'fd00::1', path: '/export/data', readOnly: true };
    const scene = await play(t, 'exec mount -t tmpfs tmpfs "$2"', nfs);
    const hostPath = scene.second.value?.data.hostPath ?? '';
    assert.match(hostPath, /\/pods\/uid-web\/volumes\/kubernetes.io~nfs\/data$/);
    assert.deepEqual(
      { first: scene.first.ok, readOnly: scene.second.value?.data.readOnly, asked: scene.asked },
      { first: true, readOnly: true, asked: [`[fd00::1]:/export/data ${hostPath} -o ro`] },
    );
    assert.deepEqual([scene.mounted, scene.left], [1, 0]);
  });

  it('says what the helper said when the server does not answer', async (t) => {
    const helper = 'echo "mount.nfs: Connection refused for $1" >&2; exit 32';
    const { first, left } = await play(t, helper, { server: '192.0.2.9', path: '/x' });
    assert.match(first.error?.message ?? '', /^MountVolume.SetUp failed for volume "data" : .*Connection refused/);
    assert.equal(left, 0);
  });

  it('says what is missing on a machine without the helper', async (t) => {
    const { first, asked } = await play(t, undefined, { server: '192.0.2.9', path: '/x' });
    const message =
      'MountVolume.SetUp failed for volume "data" : ' +
      'this machine cannot mount NFS: mount.nfs is missing (apt-get install nfs-common)';
    assert.deepEqual([first.error?.message, asked], [message, []]);
  });
});
