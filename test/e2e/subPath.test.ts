// Parts of volumes, bound on this machine's kernel while somebody tries to lead them away. Needs root.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Volume, VolumeMount } from '../../src/api/kubernetes.ts';
import { now } from '../../src/platform/clock.ts';
import type { PreparedSubPaths } from '../../src/ports/volumes.ts';
import { mountsBelow, readMountTable } from '../../src/volume/mountTable.ts';
import { createVolumes } from '../../src/volume/volumes.ts';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { aNode } from '../support/node.ts';
import { NO_OBJECTS } from '../support/objects.ts';
import { aContainer, aPod } from '../support/pods.ts';
import { restarts, Workplace } from '../support/solopod.ts';
import { tempDir } from '../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const skip = process.getuid?.() === 0 ? false : 'needs root';
const SWAPS = 300;

async function unmountAll(directory: string): Promise<void> {
  for (const { mountPoint } of mountsBelow(await readMountTable(), directory))
    execFileSync('umount', ['-l', mountPoint]);
}

/** A pod whose container mounts these parts of its volumes, set up; `start` prepares them as each container start does. */
async function machine(
  t: TestContext,
  parts: readonly Partial<VolumeMount>[],
  volume: Omit<Volume, 'name'> = { emptyDir: {} },
) {
  const top = await tempDir(t, unmountAll);
  const rootDir = join(top, 'root');
  const volumes = createVolumes({ node: aNode({ rootDir }), now, objects: NO_OBJECTS });
  const volumeMounts = parts.map((part, index) => ({ name: 'v', mountPath: `/${index}`, ...part }));
  const container = aContainer('app', { volumeMounts });
  const pod = aPod({ spec: { volumes: [{ name: 'v', ...volume }], containers: [container] } });
  const prepared = await volumes.setUp(pod, SIGNAL);
  assert.ok(prepared.ok);
  const wishes = { volumes: prepared.value, environment: new Map([['POD', 'web']]) };
  const start = async (): Promise<PreparedSubPaths | string> => {
    const paths = await volumes.subPaths(pod, container, wishes, SIGNAL);
    return paths.ok ? paths.value : `${paths.error.reason}: ${paths.error.message}`;
  };
  const podDir = join(rootDir, 'pods/uid-web');
  return {
    top,
    volumes,
    podDir,
    start,
    volumePath: prepared.value['v']?.hostPath ?? '',
    place: join(podDir, 'volume-subpaths/v/app'),
  };
}

describe('subPath', { skip }, () => {
  it('binds directories and files, whole volumes left out, and the same ones again', async (t) => {
    const parts = [{}, { subPath: 'dir' }, { subPath: 'file' }, { subPathExpr: 'new/$(POD)' }];
    const { start, volumePath, place, podDir, volumes } = await machine(t, parts);
    await mkdir(join(volumePath, 'dir'));
    await writeFile(join(volumePath, 'dir/inside'), '');
    await writeFile(join(volumePath, 'file'), 'text');
    const expected = { 1: join(place, '1'), 2: join(place, '2'), 3: join(place, '3') };
    assert.deepEqual(await start(), expected);
    const before = mountsBelow(await readMountTable(), podDir);
    assert.deepEqual(await start(), expected);
    assert.deepEqual(mountsBelow(await readMountTable(), podDir), before);
    assert.deepEqual(await readdir(join(place, '1')), ['inside']);
    assert.equal(await readFile(join(place, '2'), 'utf8'), 'text');
    await writeFile(join(place, '3/made'), '');
    assert.deepEqual(await readdir(join(volumePath, 'new/web')), ['made']);
    assert.equal((await stat(join(volumePath, 'new'))).mode & 0o7777, 0o777);
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
    assert.deepEqual(mountsBelow(await readMountTable(), podDir), []);
  });

  it('looks again at the next start', async (t) => {
    const { start, volumePath, place } = await machine(t, [{ subPath: 'part' }]);
    await mkdir(join(volumePath, 'part'));
    await start();
    await rm(join(volumePath, 'part'), { recursive: true });
    await writeFile(join(volumePath, 'part'), 'now a file');
    assert.deepEqual(await start(), { 0: join(place, '0') });
    assert.equal(await readFile(join(place, '0'), 'utf8'), 'now a file');
    assert.equal(mountsBelow(await readMountTable(), place).length, 1);
  });

  it('finds a file that is a link inside its volume, as payload files are', async (t) => {
    const items = [{ path: 'dir/name', fieldRef: { fieldPath: 'metadata.name' } }];
    const { start, place } = await machine(t, [{ subPath: 'dir/name' }], { downwardAPI: { items } });
    await start();
    assert.equal(await readFile(join(place, '0'), 'utf8'), 'web');
  });

  it('takes a part of a path of the host', async (t) => {
    const { start, place } = await machine(t, [{ subPath: 'self/status' }], { hostPath: { path: '/proc' } });
    await start();
    assert.match(await readFile(join(place, '0'), 'utf8'), /^Name:/);
  });

  for (const [name, target] of [
    ['absolute', '/etc'],
    ['relative', '../../../../../../../../../../etc'],
    ['magic', '/proc/self/root/etc'],
  ] as const) {
    it(`S-VOL-1 follows no ${name} link out of the volume`, async (t) => {
      const { start, volumePath, podDir } = await machine(t, [{ subPath: 'link/passwd' }]);
      await symlink(target, join(volumePath, 'link'));
      const refusal = await start();
      const prefix = 'CreateContainerConfigError: failed to prepare subPath for volumeMount "v" of container "app" : ';
      assert.ok(typeof refusal === 'string' && refusal.startsWith(prefix), String(refusal));
      assert.deepEqual(mountsBelow(await readMountTable(), podDir), []);
    });
  }

  it('S-VOL-3 shows no socket of the host through a link', async (t) => {
    const { start, volumePath, podDir, top } = await machine(t, [{ subPath: 'runtime.sock' }]);
    const server = createServer().listen(join(top, 'host.sock'));
    t.after(() => server.close());
    await once(server, 'listening');
    for (const target of [join(top, 'host.sock'), '../../../../../../host.sock']) {
      await symlink(target, join(volumePath, 'runtime.sock'));
      const refusal = await start();
      assert.match(String(refusal), /^CreateContainerConfigError: .*out of the volume$/);
      await rm(join(volumePath, 'runtime.sock'));
    }
    assert.deepEqual(mountsBelow(await readMountTable(), podDir), []);
  });

  it('S-VOL-2 never shows what is outside while a container swaps a directory for a link', async (t) => {
    const { start, volumePath, place, top } = await machine(t, [{ subPath: 'part/deep' }]);
    const outside = join(top, 'outside');
    await mkdir(join(outside, 'deep'), { recursive: true });
    await writeFile(join(outside, 'deep/canary'), '');
    await mkdir(join(volumePath, 'part/deep'), { recursive: true });
    const swapper = spawn('sh', ['-c', SWAP_LOOP, 'swap', volumePath, outside], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const outcomes = { mounted: 0, refused: 0 };
    try {
      await once(swapper.stdout, 'data');
      for (let round = 0; round < SWAPS; round += 1) {
        const result = await start();
        outcomes[typeof result === 'string' ? 'refused' : 'mounted'] += 1;
        if (typeof result !== 'string') assert.equal((await readdir(join(place, '0'))).includes('canary'), false);
      }
    } finally {
      // Before the directory under it is removed.
      const ended = once(swapper, 'exit');
      swapper.kill('SIGKILL');
      await ended;
    }
    t.diagnostic(JSON.stringify(outcomes));
    assert.deepEqual(await readdir(join(outside, 'deep')), ['canary']);
    assert.deepEqual(await readdir(outside), ['deep']);
  });
});

describe('subPath in a container', { skip: whyNoRuntime() }, () => {
  let place: Workplace;
  before(async () => {
    place = await Workplace.make('subpath');
  });
  after(() => place.abandon());

  it('shows the parts of a volume, by name and by variable, again at each start, and leaves nothing', async () => {
    await place.give('parts.yaml', PARTS);
    place.start();
    const [pod] = await place.until((pods) => restarts(pods).some((count) => count > 0));
    assert.ok(pod !== undefined);
    const lines = await eventually(
      async () => (await place.log(pod, 'app', 1)).split('\n').map((line) => line.split(' ').slice(3).join(' ')),
      (found) => found.length > 3,
    );
    assert.deepEqual(lines, ['/data: parts-node shared', '/named: from-init', '/own: 2', '']);
    const left = await place.leave();
    assert.deepEqual(
      left.filter((line) => /parts|subpath/.test(line)),
      [],
    );
  });
});

/** Counts its starts in a part that carries its pod's name. */
const PARTS = `apiVersion: v1
kind: Pod
metadata: {name: parts}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: v}]
  initContainers:
  - name: fill
    image: localhost/busybox:1
    command: [sh, -c, 'mkdir /v/shared; echo from-init >/v/shared/file']
    volumeMounts: [{name: v, mountPath: /v}]
  containers:
  - name: app
    image: localhost/busybox:1
    env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
    command:
    - sh
    - -c
    - 'echo x >>/own/starts; echo /data: $(ls /data); echo /named: $(cat /named); echo /own: $(wc -l </own/starts); sleep 0.3'
    volumeMounts:
    - {name: v, mountPath: /data}
    - {name: v, mountPath: /named, subPath: shared/file}
    - {name: v, mountPath: /own, subPathExpr: $(POD)}
`;

/** Puts a link to the outside where the directory was, and the directory back, for ever; what is made in between goes. */
const SWAP_LOOP = `cd "$1" || exit 1
echo ready
while :; do
  rm -rf away; mkdir -p part/deep
  mv -T part away; ln -sT "$2" part
  rm -f part || rm -rf part
  mv -T away part
done`;
