// Pod cgroups on this machine's kernel: its own layout, and the unified hierarchy where it is mounted beside cgroup v1.
// Needs root. Everything is made below a cgroup of its own and is gone afterwards.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ResourceRequirements } from '../../src/api/kubernetes.ts';
import type { NodeFacts } from '../../src/api/node.ts';
import { createCgroups } from '../../src/platform/cgroups.ts';
import { aNode } from '../support/node.ts';
import { aContainer, aPod } from '../support/pods.ts';
import { tempDir } from '../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const PARENT = `solopod-test-${process.pid}`;
const GUARANTEED = { limits: { cpu: '200m', memory: '32Mi' } };
const BURSTABLE = { requests: { cpu: '250m' }, limits: { cpu: '1' } };

const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
const skip = process.getuid?.() === 0 ? false : 'needs root';

interface Layout {
  readonly name: string;
  readonly version: NodeFacts['cgroupVersion'];
  readonly root: string;
  /** A hierarchy in which the pods' cgroups can be seen. */
  readonly seenIn: string;
}

const LAYOUTS: readonly Layout[] = isUnified
  ? [{ name: 'cgroup v2', version: 2, root: '/sys/fs/cgroup', seenIn: '/sys/fs/cgroup' }]
  : [
      { name: 'cgroup v1', version: 1, root: '/sys/fs/cgroup', seenIn: '/sys/fs/cgroup/cpu' },
      ...(existsSync('/sys/fs/cgroup/unified/cgroup.controllers')
        ? [
            {
              name: 'the unified hierarchy beside cgroup v1',
              version: 2 as const,
              root: '/sys/fs/cgroup/unified',
              seenIn: '/sys/fs/cgroup/unified',
            },
          ]
        : []),
    ];

function podWith(uid: string, resources?: ResourceRequirements) {
  return aPod({ uid, spec: { containers: [aContainer('app', resources === undefined ? {} : { resources })] } });
}

function cgroupsOf(t: TestContext, layout: Layout) {
  const node = aNode({ cgroupVersion: layout.version });
  const cgroups = createCgroups({ node, cgroupRoot: layout.root, parent: PARENT });
  t.after(async () => {
    for (const uid of await cgroups.list()) await cgroups.removePod(uid, SIGNAL);
    await cgroups.removeTree();
    for (const path of await hierarchiesOf(layout)) await rmdir(join(path, PARENT)).catch(() => undefined);
  });
  return { cgroups, seenIn: join(layout.seenIn, PARENT) };
}

async function hierarchiesOf(layout: Layout): Promise<readonly string[]> {
  if (layout.version === 2) return [layout.root];
  return (await readdir(layout.root)).map((name) => join(layout.root, name));
}

async function values(directory: string, files: readonly string[]): Promise<readonly string[]> {
  return Promise.all(files.map(async (file) => (await readFile(join(directory, file), 'utf8')).trim()));
}

describe('cgroups', { skip }, () => {
  for (const layout of LAYOUTS) {
    it(`puts pods of ${layout.name} below their class, and removes them again`, async (t) => {
      const { cgroups, seenIn } = cgroupsOf(t, layout);
      const paths = ['best', 'burst', 'sure'].map(async (uid, index) => {
        const made = await cgroups.ensurePod(podWith(uid, [undefined, BURSTABLE, GUARANTEED][index]), SIGNAL);
        return made.ok ? made.value : made.error.message;
      });
      assert.deepEqual(await Promise.all(paths), [
        `/${PARENT}/kubepods/besteffort/podbest`,
        `/${PARENT}/kubepods/burstable/podburst`,
        `/${PARENT}/kubepods/podsure`,
      ]);
      assert.deepEqual(await cgroups.list(), ['best', 'burst', 'sure']);
      assert.equal(await cgroups.removeTree(), false);
      assert.equal((await cgroups.ensurePod(podWith('sure', GUARANTEED), SIGNAL)).ok, true);
      for (const uid of ['best', 'burst', 'sure', 'sure', 'never']) {
        assert.deepEqual(await cgroups.removePod(uid, SIGNAL), { ok: true, value: undefined });
      }
      assert.deepEqual(await cgroups.list(), []);
      assert.equal(await cgroups.removeTree(), true);
      assert.equal(existsSync(join(seenIn, 'kubepods')), false);
    });

    it(`kills what is left in a pod of ${layout.name}, in cgroups that it made itself too`, async (t) => {
      const { cgroups, seenIn } = cgroupsOf(t, layout);
      await cgroups.ensurePod(podWith('busy'), SIGNAL);
      const nested = join(seenIn, 'kubepods/besteffort/podbusy/container/own');
      await mkdir(nested, { recursive: true });
      const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
      const ended = once(sleeper, 'exit');
      await once(sleeper, 'spawn');
      await writeFile(join(nested, 'cgroup.procs'), String(sleeper.pid));
      assert.deepEqual(await cgroups.removePod('busy', SIGNAL), { ok: true, value: undefined });
      assert.deepEqual(await ended, [null, 'SIGKILL']);
      assert.deepEqual(await cgroups.list(), []);
    });
  }

  it('says that cgroups are read-only', { skip: LAYOUTS.at(-1)?.version !== 2 && 'has no cgroup v2' }, async (t) => {
    const root = await tempDir(t, async (directory) => {
      execFileSync('umount', ['-l', directory]);
    });
    const shown = LAYOUTS.at(-1)?.root ?? '';
    execFileSync('mount', ['--bind', shown, root]);
    execFileSync('mount', ['-o', 'remount,bind,ro', root]);
    const cgroups = createCgroups({ node: aNode({ cgroupVersion: 2 }), cgroupRoot: root, parent: PARENT });
    const made = await cgroups.ensurePod(podWith('any'), SIGNAL);
    const start = `Cannot make cgroup /${PARENT}/kubepods/besteffort/podany: ${root} is read-only; run on the host`;
    assert.ok(!made.ok && made.error.message.startsWith(start), JSON.stringify(made));
  });

  it('limits a pod and weighs the classes on cgroup v1', { skip: isUnified && 'has cgroup v2' }, async (t) => {
    const [layout] = LAYOUTS;
    assert.ok(layout);
    const { cgroups, seenIn } = cgroupsOf(t, layout);
    await cgroups.ensurePod(podWith('best'), SIGNAL);
    await cgroups.ensurePod(podWith('burst', BURSTABLE), SIGNAL);
    await cgroups.ensurePod(podWith('more', BURSTABLE), SIGNAL);
    await cgroups.ensurePod(podWith('sure', GUARANTEED), SIGNAL);
    const cpu = ['cpu.shares', 'cpu.cfs_quota_us', 'cpu.cfs_period_us'];
    const kubepods = join(seenIn, 'kubepods');
    assert.deepEqual(await values(join(kubepods, 'podsure'), cpu), ['204', '20000', '100000']);
    assert.deepEqual(await values(join(kubepods, 'burstable/podburst'), cpu), ['256', '100000', '100000']);
    assert.deepEqual(await values(join(kubepods, 'besteffort/podbest'), cpu), ['2', '-1', '100000']);
    assert.deepEqual(await values(kubepods, ['burstable/cpu.shares', 'besteffort/cpu.shares', 'cpu.shares']), [
      '512',
      '2',
      '2048',
    ]);
    const other = (controller: string, file: string) => join(layout.root, controller, PARENT, 'kubepods/podsure', file);
    assert.equal((await readFile(other('memory', 'memory.limit_in_bytes'), 'utf8')).trim(), String(32 * 2 ** 20));
    assert.notEqual((await readFile(other('cpuset', 'cpuset.mems'), 'utf8')).trim(), '');
    await cgroups.ensurePod(podWith('sure', { limits: { cpu: '300m', memory: '64Mi' } }), SIGNAL);
    assert.deepEqual(await values(join(kubepods, 'podsure'), cpu), ['307', '30000', '100000']);
    await cgroups.removePod('more', SIGNAL);
    assert.deepEqual(await values(kubepods, ['burstable/cpu.shares']), ['256']);
  });
});
