import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writePayload } from '../../../src/volume/atomicWriter.ts';
import type { Payload } from '../../../src/volume/payload.ts';
import { tempDir } from '../../support/tempDir.ts';

const WALL = Date.UTC(2026, 0, 31, 12, 0, 5);

function payload(files: { readonly [path: string]: string }, mode = 0o644): Payload {
  const entries = Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text), mode }] as const);
  return new Map(entries);
}

function write(directory: string, files: Payload): ReturnType<typeof writePayload> {
  const signal = new AbortController().signal;
  return writePayload(directory, { payload: files, group: undefined, wall: WALL, signal });
}

/** What a container sees: text by path, links resolved. */
async function visible(directory: string): Promise<{ readonly [path: string]: string }> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('..'));
  const texts = names.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

describe('writePayload', () => {
  it('shows the files through links into a stamped directory', async (t) => {
    const directory = await tempDir(t);
    assert.equal(await write(directory, payload({ a: '1', 'dir/b': '2' }, 0o400)), 'written');
    const data = await readlink(join(directory, '..data'));
    assert.match(data, /^\.\.2026_01_31_12_00_05\.[0-9]{10}$/);
    assert.deepEqual((await readdir(directory)).toSorted(), [data, '..data', 'a', 'dir'].toSorted());
    assert.equal(await readlink(join(directory, 'dir')), '..data/dir');
    assert.equal(await readFile(join(directory, 'dir/b'), 'utf8'), '2');
    const modes = await Promise.all(
      ['a', 'dir', 'dir/b'].map(async (path) => (await lstat(join(directory, data, path))).mode & 0o7777),
    );
    assert.deepEqual(modes, [0o400, 0o755, 0o400]);
  });

  it('writes nothing when nothing changed', async (t) => {
    const directory = await tempDir(t);
    await write(directory, payload({ a: '1', 'dir/b': '2' }));
    const data = await readlink(join(directory, '..data'));
    assert.equal(await write(directory, payload({ a: '1', 'dir/b': '2' })), 'unchanged');
    assert.equal(await readlink(join(directory, '..data')), data);
  });

  const changes: readonly (readonly [string, Payload])[] = [
    ['content', payload({ a: '3' })],
    ['mode', payload({ a: '1' }, 0o600)],
    ['names', payload({ b: '1' })],
    ['nothing left', payload({})],
  ];
  for (const [name, changed] of changes) {
    it(`replaces all files at once when they differ in ${name}, and keeps no old ones`, async (t) => {
      const directory = await tempDir(t);
      await write(directory, payload({ a: '1' }));
      assert.equal(await write(directory, changed), 'replaced');
      const expected = Object.fromEntries(
        [...changed].map(([path, file]) => [path, Buffer.from(file.content).toString()]),
      );
      assert.deepEqual(await visible(directory), expected);
      const dataEntries = (await readdir(directory)).filter((entry) => entry.startsWith('..'));
      assert.equal(dataEntries.length, 2);
    });
  }

  it('goes on where a crash left it', async (t) => {
    const directory = await tempDir(t);
    await write(directory, payload({ a: '1' }));
    await mkdir(join(directory, '..2026_01_30_00_00_00.1234567890'));
    await symlink('..2026_01_30_00_00_00.1234567890', join(directory, '..data_tmp'));
    await symlink('..data/c', join(directory, 'c'));
    assert.equal(await write(directory, payload({ a: '2', b: '2' })), 'replaced');
    assert.deepEqual(await visible(directory), { a: '2', b: '2' });
    assert.equal((await readdir(directory)).filter((name) => name.startsWith('..')).length, 2);
  });

  it('S-VOL-4 S-VOL-5 never writes or deletes through a planted link', async (t) => {
    const top = await tempDir(t);
    const directory = join(top, 'volume');
    const outside = join(top, 'outside');
    await mkdir(directory);
    await mkdir(outside);
    await writeFile(join(outside, 'a'), 'keep');
    await symlink('../outside', join(directory, '..data'));
    await symlink(outside, join(directory, '..2026_01_30_00_00_00.1'));
    await symlink(join(outside, 'a'), join(directory, 'a'));
    await write(directory, payload({ a: '1' }));
    assert.deepEqual(await visible(directory), { a: '1' });
    assert.deepEqual(await visible(outside), { a: 'keep' });
  });

  it('leaves directories that other volumes are mounted on', async (t) => {
    const directory = await tempDir(t);
    await write(directory, payload({ a: '1' }));
    await mkdir(join(directory, 'nested'));
    await write(directory, payload({ b: '1' }));
    assert.equal((await lstat(join(directory, 'nested'))).isDirectory(), true);
  });
});
