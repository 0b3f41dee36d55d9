import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { removeTree } from '../../../src/volume/removeTree.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;

describe('removeTree', () => {
  it('S-VOL-15 removes everything inside and nothing that links lead to', async (t) => {
    const top = await tempDir(t);
    const tree = join(top, 'tree');
    const outside = join(top, 'outside');
    await mkdir(join(tree, 'a/b'), { recursive: true });
    await mkdir(outside);
    await writeFile(join(outside, 'keep'), '');
    await writeFile(join(tree, 'a/b/file'), 'x');
    await symlink(outside, join(tree, 'a/b/to-directory'));
    await symlink(join(outside, 'keep'), join(tree, 'to-file'));
    await symlink('nowhere', join(tree, 'dangling'));
    await symlink('loop', join(tree, 'loop'));
    await writeFile(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe, 0x0a])]), 'no text');
    await removeTree(tree, SIGNAL);
    assert.deepEqual(await readdir(top), ['outside']);
    assert.deepEqual(await readdir(outside), ['keep']);
  });

  it('removes a link in place of the directory, not what it leads to', async (t) => {
    const top = await tempDir(t);
    await mkdir(join(top, 'outside'));
    await symlink('outside', join(top, 'tree'));
    await removeTree(join(top, 'tree'), SIGNAL);
    assert.deepEqual(await readdir(top), ['outside']);
  });

  it('removes a tree deeper than a path can be long', async (t) => {
    const top = await tempDir(t);
    const tree = join(top, 'tree');
    const name = 'd'.repeat(200);
    await mkdir(tree);
    const cwd = process.cwd();
    t.after(() => process.chdir(cwd));
    process.chdir(tree);
    for (let depth = 0; depth < 100; depth += 1) {
      await mkdir(name);
      process.chdir(name);
    }
    process.chdir(cwd);
    await removeTree(tree, SIGNAL);
    assert.deepEqual(await readdir(top), []);
  });

  it('counts a missing directory as removed', async (t) => {
    await removeTree(join(await tempDir(t), 'missing'), SIGNAL);
  });

  it('stops when it is told to', async (t) => {
    const tree = await tempDir(t);
    await writeFile(join(tree, 'file'), '');
    await assert.rejects(removeTree(tree, AbortSignal.abort()), { name: 'AbortError' });
    assert.equal((await lstat(join(tree, 'file'))).isFile(), true);
  });
});
