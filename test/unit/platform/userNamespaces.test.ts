import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createUserNamespaces } from '../../../src/platform/userNamespaces.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const LENGTH = 65_536;

test('Each pod gets users that no other has, keeps them, and gives them back with its directory', async (t) => {
  const root = await tempDir(t);
  for (const uid of ['a', 'b', 'c']) await mkdir(join(root, 'pods', uid), { recursive: true });
  const users = createUserNamespaces(root);
  const all = await Promise.all(['a', 'b', 'a'].map((uid) => users.allocate(uid, SIGNAL)));
  const range = (block: number) => ({ ok: true, value: { hostId: block * LENGTH, length: LENGTH } });
  assert.deepEqual(all, [range(1), range(2), range(1)]);
  assert.deepEqual(JSON.parse(await readFile(join(root, 'pods/b/userns'), 'utf8')), {
    uidMappings: [{ hostId: 2 * LENGTH, containerId: 0, length: LENGTH }],
    gidMappings: [{ hostId: 2 * LENGTH, containerId: 0, length: LENGTH }],
  });
  await rm(join(root, 'pods/a'), { recursive: true });
  assert.deepEqual(await createUserNamespaces(root).allocate('b', SIGNAL), range(2));
  assert.deepEqual(await users.allocate('c', SIGNAL), range(1));
});

test('A range that others wrote is left alone, whatever its size, and a broken file counts as none', async (t) => {
  const root = await tempDir(t);
  for (const uid of ['kubelet', 'broken', 'mine']) await mkdir(join(root, 'pods', uid), { recursive: true });
  const uidMappings = [{ hostId: LENGTH, containerId: 0, length: 2 * LENGTH }];
  await writeFile(join(root, 'pods/kubelet/userns'), JSON.stringify({ uidMappings, gidMappings: uidMappings }));
  await writeFile(join(root, 'pods/broken/userns'), '{"uidMapp');
  const users = createUserNamespaces(root);
  assert.deepEqual(await users.allocate('mine', SIGNAL), { ok: true, value: { hostId: 3 * LENGTH, length: LENGTH } });
});

test('A uid that is no name, and a pod without a directory, are failures', async (t) => {
  const users = createUserNamespaces(await tempDir(t));
  for (const uid of ['../x', 'absent']) assert.equal((await users.allocate(uid, SIGNAL)).ok, false);
});
