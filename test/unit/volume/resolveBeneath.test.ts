import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openBeneath } from '../../../src/volume/resolveBeneath.ts';
import { VolumeError } from '../../../src/volume/volumeType.ts';
import { tempDir } from '../../support/tempDir.ts';

async function volume(t: TestContext) {
  const top = await tempDir(t);
  const volumePath = join(top, 'volume');
  await mkdir(join(volumePath, 'a/b'), { recursive: true });
  await mkdir(join(top, 'outside'));
  await writeFile(join(top, 'outside/secret'), 'secret');
  await writeFile(join(volumePath, 'a/file'), '');
  return { top, volumePath };
}

/** The path, relative to the volume, that was opened; or why not. */
async function opened(volumePath: string, path: string): Promise<string> {
  try {
    await using target = await openBeneath({ volumePath, path, missing: 'make' });
    return (await readlink(`/proc/self/fd/${target.fd}`)).slice(volumePath.length);
  } catch (cause) {
    if (cause instanceof VolumeError) return cause.message;
    throw cause;
  }
}

describe('openBeneath', () => {
  const found: readonly (readonly [string, string])[] = [
    ['', ''],
    ['.', ''],
    ['a', '/a'],
    ['a//b/.', '/a/b'],
    ['a/file', '/a/file'],
    ['a/b/..', '/a'],
  ];
  for (const [path, expected] of found) {
    it(`finds ${JSON.stringify(path)}`, async (t) =>
      assert.equal(await opened((await volume(t)).volumePath, path), expected));
  }

  const links: readonly (readonly [string, string, string])[] = [
    ['to a directory inside', 'a/b', '/a/b'],
    ['to a file inside', 'a/file', '/a/file'],
    ['up and down inside', 'a/b/../../a/file', '/a/file'],
    ['to itself', 'link', 'the path has too many links'],
    ['up', '..', 'the path leads out of the volume'],
    ['up and out', 'a/../../outside/secret', 'the path leads out of the volume'],
    ['far up', '../../../../../../etc/passwd', 'the path leads out of the volume'],
    ['to the root', '/', '"link" is a link out of the volume'],
    ['to a file of the host', '/etc/passwd', '"link" is a link out of the volume'],
    ['through a file', 'a/file/x', '"file" is not a directory'],
  ];
  for (const [name, target, expected] of links) {
    it(`judges a link ${name}`, async (t) => {
      const { volumePath } = await volume(t);
      await symlink(target, join(volumePath, 'link'));
      assert.equal(await opened(volumePath, 'link'), expected);
    });
  }

  it('S-VOL-1 judges a link in the middle of a path', async (t) => {
    const { volumePath, top } = await volume(t);
    await symlink(join(top, 'outside'), join(volumePath, 'a/out'));
    await symlink('b', join(volumePath, 'a/in'));
    assert.equal(await opened(volumePath, 'a/out/secret'), '"out" is a link out of the volume');
    assert.equal(await opened(volumePath, 'a/in/new'), '/a/b/new');
    assert.deepEqual(await readdir(join(top, 'outside')), ['secret']);
  });

  it("does not follow the kernel's own links", async () => {
    await assert.rejects(
      openBeneath({ volumePath: '/proc', path: 'self/root/etc', missing: 'make' }),
      /"root" is a link out of the volume/,
    );
  });

  it('makes what is missing, with the mode of the volume', async (t) => {
    const { volumePath } = await volume(t);
    await chmod(volumePath, 0o3777);
    assert.equal(await opened(volumePath, 'new/er'), '/new/er');
    const modes = await Promise.all(
      ['new', 'new/er'].map(async (path) => (await stat(join(volumePath, path))).mode & 0o7777),
    );
    assert.deepEqual(modes, [0o3777, 0o3777]);
  });

  it('follows links of the host on the way to the volume', async (t) => {
    const { volumePath, top } = await volume(t);
    await symlink('volume', join(top, 'other'));
    assert.equal(await opened(join(top, 'other'), 'a'), join(volumePath, 'a').slice(join(top, 'other').length));
  });

  it('refuses paths without end', async (t) => {
    const { volumePath } = await volume(t);
    assert.equal(await opened(volumePath, 'a/../'.repeat(200)), 'the path has more than 256 components');
  });
});
