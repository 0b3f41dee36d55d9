// Gives away files, so it needs root.
import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTreeOwnership } from '../../../src/volume/treeOwnership.ts';
import { VolumeError } from '../../../src/volume/volumeType.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const skip = process.getuid?.() === 0 ? false : 'needs root';

async function show(path: string): Promise<string> {
  const info = await lstat(path);
  return `${(info.mode & 0o7777).toString(8)} ${info.uid}:${info.gid}`;
}

describe('S-VOL-13 setTreeOwnership', { skip }, () => {
  it('gives everything to the group and leaves links and what they lead to alone', async (t) => {
    const top = await tempDir(t);
    const volume = join(top, 'volume');
    await mkdir(join(volume, 'deep/er'), { recursive: true, mode: 0o700 });
    await mkdir(join(top, 'host'), { mode: 0o700 });
    await writeFile(join(top, 'host/file'), '', { mode: 0o600 });
    await writeFile(join(volume, 'deep/er/file'), '', { mode: 0o600 });
    await writeFile(join(volume, 'tool'), '');
    await chmod(join(volume, 'tool'), 0o4711);
    await symlink('/etc', join(volume, 'link'));
    await symlink('../../host/file', join(volume, 'deep/out'));
    const etc = await stat('/etc');
    await setTreeOwnership(volume, { group: 2000, onRootMismatch: false }, SIGNAL);
    assert.deepEqual(
      await Promise.all(['deep', 'deep/er', 'deep/er/file', 'tool'].map((name) => show(join(volume, name)))),
      ['2770 0:2000', '2770 0:2000', '660 0:2000', '4771 0:2000'],
    );
    assert.deepEqual([await show(join(top, 'host')), await show(join(top, 'host/file'))], ['700 0:0', '600 0:0']);
    assert.equal((await lstat(join(volume, 'link'))).gid, 0);
    assert.deepEqual([(await stat('/etc')).gid, (await stat('/etc')).mode], [etc.gid, etc.mode]);
  });

  it('walks no tree whose top is right, when it may leave it', async (t) => {
    const volume = join(await tempDir(t), 'volume');
    await mkdir(volume);
    await setTreeOwnership(volume, { group: 2000, onRootMismatch: true }, SIGNAL);
    await writeFile(join(volume, 'new'), '', { mode: 0o600 });
    await chmod(join(volume, 'new'), 0o600);
    const before = await show(join(volume, 'new'));
    await setTreeOwnership(volume, { group: 2000, onRootMismatch: true }, SIGNAL);
    assert.equal(await show(join(volume, 'new')), before);
    await setTreeOwnership(volume, { group: 2000, onRootMismatch: false }, SIGNAL);
    assert.equal(await show(join(volume, 'new')), '660 0:2000');
    await setTreeOwnership(volume, { group: 2001, onRootMismatch: true }, SIGNAL);
    assert.equal(await show(join(volume, 'new')), '660 0:2001');
  });

  it('gives up on a tree that would use up its descriptors', async (t) => {
    const volume = await tempDir(t);
    await mkdir(join(volume, ...Array.from({ length: 300 }, () => 'd')), { recursive: true });
    const wish = { group: 2000, onRootMismatch: false };
    await assert.rejects(setTreeOwnership(volume, wish, SIGNAL), VolumeError);
  });
});
