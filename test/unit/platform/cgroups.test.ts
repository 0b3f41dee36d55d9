import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cpuWeight } from '../../../src/api/podCgroup.ts';
import { v1Settings, v2Settings, weightToShares } from '../../../src/platform/cgroupFiles.ts';
import { createCgroups } from '../../../src/platform/cgroups.ts';
import { aNode } from '../../support/node.ts';
import { aContainer, aPod } from '../../support/pods.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const POD = aPod({
  uid: 'u-1',
  spec: {
    containers: [aContainer('app', { resources: { requests: { cpu: '250m' }, limits: { cpu: '1', memory: '64Mi' } } })],
  },
});

describe('settings', () => {
  const limits = { cpuShares: 1024, cpuQuotaUs: 50_000, memoryBytes: 1024, hugetlbBytes: { '2MB': 4096 } };
  const none = { cpuShares: 2, hugetlbBytes: {} };
  const options = { pidsMax: 100, hugePageSizes: ['2MB', '1GB'] };
  const text = (settings: ReturnType<typeof v1Settings>) => settings.map(({ file, value }) => `${file}=${value}`);

  it('are spelled for cgroup v1', () => {
    assert.deepEqual(text(v1Settings(limits, options)), [
      'cpu.shares=1024',
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=50000',
      'memory.limit_in_bytes=1024',
      'pids.max=100',
      'hugetlb.2MB.limit_in_bytes=4096',
      'hugetlb.1GB.limit_in_bytes=0',
    ]);
  });

  it('are spelled for cgroup v2', () => {
    assert.deepEqual(text(v2Settings(limits, options)), [
      'cpu.weight=39',
      'cpu.max=50000 100000',
      'memory.max=1024',
      'pids.max=100',
      'hugetlb.2MB.max=4096',
      'hugetlb.1GB.max=0',
    ]);
  });

  it('take limits back that are no more', () => {
    const bare = { pidsMax: undefined, hugePageSizes: [] };
    const v1 = [
      'cpu.shares=2',
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=-1',
      'memory.limit_in_bytes=-1',
      'pids.max=max',
    ];
    assert.deepEqual(text(v1Settings(none, bare)), v1);
    assert.deepEqual(text(v2Settings(none, bare)), [
      'cpu.weight=1',
      'cpu.max=max 100000',
      'memory.max=max',
      'pids.max=max',
    ]);
  });

  it('find shares that weigh the same again', () => {
    for (const shares of [2, 204, 256, 1024, 262_144])
      assert.equal(cpuWeight(weightToShares(cpuWeight(shares))), cpuWeight(shares));
  });
});

/** A hierarchy as cgroup v2 shows it; new directories get no files here, so those of the pod are made before. */
async function fakeV2(t: TestContext): Promise<string> {
  const root = await tempDir(t);
  for (const path of ['', 'kubepods', 'kubepods/burstable', 'kubepods/burstable/podu-1']) {
    await mkdir(join(root, path), { recursive: true });
    await writeFile(join(root, path, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
    await writeFile(
      join(root, path, 'cgroup.subtree_control'),
      path === '' ? 'cpuset cpu io memory pids\n' : 'memory\n',
    );
    for (const file of ['cpu.weight', 'cpu.max', 'memory.max', 'pids.max']) await writeFile(join(root, path, file), '');
  }
  return root;
}

describe('createCgroups', () => {
  it('gives a pod its limits on cgroup v2, and its class the weight of its pods', async (t) => {
    const cgroupRoot = await fakeV2(t);
    const cgroups = createCgroups({ node: aNode({ cgroupVersion: 2 }), cgroupRoot });
    assert.deepEqual(await cgroups.ensurePod(POD, SIGNAL), { ok: true, value: '/kubepods/burstable/podu-1' });
    const read = async (path: string) => [path, await readFile(join(cgroupRoot, 'kubepods', path), 'utf8')] as const;
    const paths = [
      'burstable/podu-1/cpu.weight',
      'burstable/podu-1/cpu.max',
      'burstable/podu-1/memory.max',
      'burstable/cpu.weight',
    ];
    assert.deepEqual(Object.fromEntries(await Promise.all(paths.map(read))), {
      'burstable/podu-1/cpu.weight': '10',
      'burstable/podu-1/cpu.max': '100000 100000',
      'burstable/podu-1/memory.max': '67108864',
      'burstable/cpu.weight': '10',
    });
    assert.match(await readFile(join(cgroupRoot, 'kubepods/burstable/cgroup.subtree_control'), 'utf8'), /^\+/);
    assert.deepEqual(await cgroups.list(), ['u-1']);
  });

  it('changes the limits of a pod after those of its containers', async (t) => {
    const cgroupRoot = await fakeV2(t);
    const cgroups = createCgroups({ node: aNode({ cgroupVersion: 2 }), cgroupRoot });
    const file = join(cgroupRoot, 'kubepods/burstable/podu-1/cpu.max');
    assert.deepEqual(await cgroups.resizePod(POD, 'before', SIGNAL), { ok: true, value: undefined });
    assert.equal(await readFile(file, 'utf8'), '');
    assert.deepEqual(await cgroups.resizePod(POD, 'after', SIGNAL), { ok: true, value: undefined });
    assert.equal(await readFile(file, 'utf8'), '100000 100000');
  });

  it('only names the slice with the systemd driver', async (t) => {
    const cgroups = createCgroups({
      node: aNode({ cgroupVersion: 2, cgroupDriver: 'systemd' }),
      cgroupRoot: await tempDir(t),
    });
    const value = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podu_1.slice';
    assert.deepEqual(await cgroups.ensurePod(POD, SIGNAL), { ok: true, value });
  });

  it('finds pods by their slices', async (t) => {
    const cgroupRoot = await tempDir(t);
    await mkdir(join(cgroupRoot, 'kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-poda_b.slice'), {
      recursive: true,
    });
    await mkdir(join(cgroupRoot, 'kubepods.slice/kubepods-podc.slice'));
    const cgroups = createCgroups({ node: aNode({ cgroupVersion: 2, cgroupDriver: 'systemd' }), cgroupRoot });
    assert.deepEqual(await cgroups.list(), ['a-b', 'c']);
  });

  it('says what is wrong with the machine', async (t) => {
    const cgroupRoot = join(await tempDir(t), 'missing');
    const made = await createCgroups({ node: aNode({ cgroupVersion: 2 }), cgroupRoot }).ensurePod(POD, SIGNAL);
    assert.match(
      made.ok ? '' : made.error.message,
      /^Cannot make cgroup .*: there are no cgroups at .*\/missing \(ENOENT/,
    );
    assert.equal(made.ok ? '' : made.error.reason, 'FailedCreatePodContainer');
  });

  it('refuses uids that are no names', async (t) => {
    const cgroups = createCgroups({ node: aNode(), cgroupRoot: await tempDir(t) });
    for (const uid of ['../x', 'a_b']) assert.equal((await cgroups.ensurePod(aPod({ uid }), SIGNAL)).ok, false);
    assert.equal((await cgroups.removePod('../x', SIGNAL)).ok, false);
  });

  it('has nothing to remove where nothing is', async (t) => {
    const cgroups = createCgroups({ node: aNode(), cgroupRoot: await tempDir(t) });
    assert.deepEqual(await cgroups.removePod('u-1', SIGNAL), { ok: true, value: undefined });
    assert.equal(await cgroups.removeTree(), true);
  });
});
