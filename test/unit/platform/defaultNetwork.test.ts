import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ok } from '../../../src/lib/result.ts';
import { ensureDefaultNetwork } from '../../../src/platform/defaultNetwork.ts';
import { tempDir } from '../../support/tempDir.ts';

const ROUTES = 'default via 192.0.2.254 dev eth0\n10.213.0.0/24 dev br0 proto kernel scope link src 10.213.0.1\n';
const routes = async () => ok(ROUTES);

test('A host without a network gets a bridge with a free subnet, and keeps it', async (t) => {
  const directory = join(await tempDir(t), 'net.d');
  const file = join(directory, '10-solopod.conflist');
  assert.deepEqual(await ensureDefaultNetwork({ directory, routes }), {
    ok: true,
    value: { kind: 'written', file, subnet: '10.213.1.0/24' },
  });
  const { name, plugins } = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual(
    [name, plugins.map(({ type }: { type: string }) => type), plugins[0].ipam.ranges],
    ['solopod-cni0', ['bridge', 'portmap'], [[{ subnet: '10.213.1.0/24', gateway: '10.213.1.1' }]]],
  );
  assert.deepEqual(await ensureDefaultNetwork({ directory, routes }), { ok: true, value: { kind: 'present', file } });
  assert.deepEqual(await readdir(directory), ['10-solopod.conflist']);
});

test('A network that somebody else made is never touched', async (t) => {
  for (const name of ['87-podman.conflist', 'a.conf', 'b.json']) {
    const directory = await tempDir(t);
    await writeFile(join(directory, name), 'theirs');
    await writeFile(join(directory, 'README'), '');
    const file = join(directory, name);
    assert.deepEqual(await ensureDefaultNetwork({ directory, routes }), { ok: true, value: { kind: 'present', file } });
    assert.deepEqual((await readdir(directory)).toSorted(), ['README', name].toSorted());
  }
});

test('The subnet can be chosen; one that is none is refused', async (t) => {
  const directory = await tempDir(t);
  const bad = await ensureDefaultNetwork({ directory, subnet: '10.0.0.0/31', routes });
  assert.deepEqual(bad, { ok: false, error: 'Cannot find a free network for pods: choose one (podCIDR)' });
  const made = await ensureDefaultNetwork({ directory, subnet: '10.9.0.0/16', routes });
  assert.equal(made.ok && made.value.kind === 'written' && made.value.subnet, '10.9.0.0/16');
});

test('A folder that cannot be written is told', async (t) => {
  const place = join(await tempDir(t), 'file');
  await writeFile(place, '');
  const made = await ensureDefaultNetwork({ directory: join(place, 'net.d'), routes });
  assert.match(made.ok ? '' : made.error, /^Cannot write a network for pods into .*: ENOTDIR/);
});
