import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Claim } from '../../../src/api/claim.ts';
import { createClaims, ensureClaim } from '../../../src/volume/claims.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const UNUSED = { isUsed: () => false };

function aClaim(name: string, more: Partial<Claim> = {}): Claim {
  const origin = { location: '/manifests/a.yaml', line: 1 };
  const facts = { accessModes: ['ReadWriteOnce'], storage: '1Gi' } as const;
  return { kind: 'PersistentVolumeClaim', namespace: 'default', name, hash: name, origin, ...facts, ...more };
}

describe('ensureClaim', () => {
  it('makes a directory for every user once, and leaves it alone from then on', async (t) => {
    const root = await tempDir(t);
    const path = await ensureClaim(root, aClaim('data'));
    assert.equal(path, join(root, 'claims/default/data/data'));
    assert.equal((await stat(path)).mode & 0o7777, 0o777);
    assert.equal((await stat(join(path, '..'))).mode & 0o7777, 0o750);
    await chmod(path, 0o700);
    await writeFile(join(path, 'kept'), '');
    assert.equal(await ensureClaim(root, aClaim('data', { storage: '2Gi' })), path);
    assert.deepEqual([(await stat(path)).mode & 0o7777, await readdir(path)], [0o700, ['kept']]);
    const [stored] = await createClaims({ rootDir: root }).list(SIGNAL);
    assert.equal(stored?.storage, '2Gi');
  });

  it('makes one directory for many pods at once', async (t) => {
    const root = await tempDir(t);
    const paths = await Promise.all(Array.from({ length: 20 }, () => ensureClaim(root, aClaim('data'))));
    assert.deepEqual([...new Set(paths)], [join(root, 'claims/default/data/data')]);
    assert.deepEqual(await readdir(join(root, 'claims/default/data')), ['claim.json', 'data']);
  });

  it('S-VOL-10 has no place for a name that is a path', async (t) => {
    const root = await tempDir(t);
    for (const name of ['..', '../x', 'a/b', ''])
      await assert.rejects(ensureClaim(root, aClaim(name)), /is not a name/);
    await assert.rejects(ensureClaim(root, aClaim('x', { namespace: '..' })), /is not a name/);
  });
});

describe('createClaims', () => {
  it('lists what is there, also without readable facts', async (t) => {
    const root = await tempDir(t);
    const claims = createClaims({ rootDir: root });
    assert.deepEqual(await claims.list(SIGNAL), []);
    await ensureClaim(root, aClaim('b'));
    await ensureClaim(root, aClaim('a', { namespace: 'web' }));
    await writeFile(join(root, 'claims/web/a/claim.json'), '{"storage":');
    await writeFile(join(root, 'claims/default/b/data/file'), Buffer.alloc(8192, 1));
    const listed = await claims.list(SIGNAL);
    assert.deepEqual(
      listed.map(({ namespace, name, storage, accessModes }) => ({ namespace, name, storage, accessModes })),
      [
        { namespace: 'default', name: 'b', storage: '1Gi', accessModes: ['ReadWriteOnce'] },
        { namespace: 'web', name: 'a', storage: undefined, accessModes: undefined },
      ],
    );
    assert.ok(listed.every(({ usage }) => usage.complete));
    assert.ok((listed[0]?.usage.bytes ?? 0) >= 8192);
  });

  it('removes one with everything in it, follows no link, and says what was not there', async (t) => {
    const root = await tempDir(t);
    const claims = createClaims({ rootDir: root });
    const path = await ensureClaim(root, aClaim('data'));
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside/kept'), '');
    await symlink(join(root, 'outside'), join(path, 'link'));
    assert.equal(await claims.remove({ namespace: 'default', name: 'other' }, UNUSED, SIGNAL), 'absent');
    assert.equal(await claims.remove({ namespace: 'default', name: 'data' }, UNUSED, SIGNAL), 'removed');
    await claims.finishRemovals(SIGNAL);
    assert.deepEqual([await readdir(join(root, 'claims')), await readdir(join(root, 'outside'))], [[], ['kept']]);
  });

  it('does not remove one that a pod uses, or comes to use meanwhile', async (t) => {
    const root = await tempDir(t);
    const claims = createClaims({ rootDir: root });
    const ref = { namespace: 'default', name: 'data' };
    const path = await ensureClaim(root, aClaim('data'));
    await writeFile(join(path, 'kept'), '');
    assert.equal(await claims.remove(ref, { isUsed: () => true }, SIGNAL), 'used');
    let asked = 0;
    assert.equal(await claims.remove(ref, { isUsed: () => ++asked > 1 }, SIGNAL), 'used');
    assert.deepEqual(await readdir(path), ['kept']);
  });

  it('ends a removal that was interrupted', async (t) => {
    const root = await tempDir(t);
    await mkdir(join(root, 'claims/.removing-1/data'), { recursive: true });
    const claims = createClaims({ rootDir: root });
    assert.deepEqual(await claims.list(SIGNAL), []);
    await claims.finishRemovals(SIGNAL);
    assert.deepEqual(await readdir(join(root, 'claims')), []);
    await rm(join(root, 'claims'), { recursive: true });
    await claims.finishRemovals(SIGNAL);
  });
});
