import assert from 'node:assert/strict';
import { link, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { diskUsage } from '../../../src/volume/diskUsage.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const ALL = { entriesMax: 1_000, bytesMax: Number.POSITIVE_INFINITY };
const MIB = 2 ** 20;

describe('diskUsage', () => {
  it('counts blocks, each file once, and follows no link', async (t) => {
    const top = await tempDir(t);
    await mkdir(join(top, 'outside'));
    await writeFile(join(top, 'outside/large'), Buffer.alloc(4 * MIB, 1));
    const volume = join(top, 'volume');
    await mkdir(join(volume, 'a/b'), { recursive: true });
    await writeFile(join(volume, 'a/b/file'), Buffer.alloc(MIB, 1));
    await link(join(volume, 'a/b/file'), join(volume, 'again'));
    await symlink('../outside', join(volume, 'link'));
    await writeFile(join(volume, 'sparse'), '');
    await truncate(join(volume, 'sparse'), 64 * MIB);
    const { bytes, complete } = await diskUsage(volume, ALL, SIGNAL);
    assert.ok(complete && bytes >= MIB && bytes < 1.5 * MIB, String(bytes));
  });

  it('ends where more is of no interest, and at its bound', async (t) => {
    const top = await tempDir(t);
    for (let i = 0; i < 20; i += 1) await writeFile(join(top, `file${i}`), Buffer.alloc(64 * 1024, 1));
    const large = await diskUsage(top, { ...ALL, bytesMax: 200 * 1024 }, SIGNAL);
    assert.ok(!large.complete && large.bytes > 200 * 1024 && large.bytes < 400 * 1024, String(large.bytes));
    const many = await diskUsage(top, { ...ALL, entriesMax: 5 }, SIGNAL);
    assert.ok(!many.complete && many.bytes < 7 * 64 * 1024, String(many.bytes));
  });

  it('finds nothing where nothing is', async (t) => {
    assert.deepEqual(await diskUsage(join(await tempDir(t), 'none'), ALL, SIGNAL), { bytes: 0, complete: true });
  });
});
