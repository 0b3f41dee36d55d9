// Volumes on this machine's kernel: real mounts below a root directory of the test's own. Needs root.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { DesiredSpec } from '../../src/api/desiredPod.ts';
import type { Volume, VolumeMount } from '../../src/api/kubernetes.ts';
import { now } from '../../src/platform/clock.ts';
import { mountsBelow, readMountTable } from '../../src/volume/mountTable.ts';
import { createVolumes } from '../../src/volume/volumes.ts';
import { aNode } from '../support/node.ts';
import { NO_OBJECTS } from '../support/objects.ts';
import { aContainer, aPod } from '../support/pods.ts';
import { tempDir } from '../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const skip = process.getuid?.() === 0 ? false : 'needs root';

async function machine(t: TestContext) {
  const top = await tempDir(t, unmountAll);
  const rootDir = join(top, 'root');
  const hostsFile = join(top, 'hosts');
  await writeFile(hostsFile, '127.0.0.1 host\n');
  const volumes = createVolumes({ node: aNode({ rootDir }), now, hostsFile, objects: NO_OBJECTS });
  return { top, rootDir, podDir: join(rootDir, 'pods/uid-web'), volumes };
}

async function unmountAll(directory: string): Promise<void> {
  for (const { mountPoint } of mountsBelow(await readMountTable(), directory))
    execFileSync('umount', ['-l', mountPoint]);
}

/** A pod with these volumes, each mounted at /<name>. */
function podWith(
  volumes: readonly Volume[],
  more: Partial<DesiredSpec> & { readonly mount?: Partial<VolumeMount> } = {},
) {
  const { mount, ...spec } = more;
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}`, ...mount }));
  return aPod({ spec: { volumes, containers: [aContainer('app', { volumeMounts })], ...spec } });
}

async function describePath(path: string): Promise<string> {
  const info = await stat(path);
  return `${(info.mode & 0o7777).toString(8)} ${info.uid}:${info.gid}`;
}

function mount(...args: readonly string[]): void {
  execFileSync('mount', args);
}

const ALL_KINDS: readonly Volume[] = [
  { name: 'disk', emptyDir: {} },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
  { name: 'info', downwardAPI: { items: [{ path: 'pod/name', fieldRef: { fieldPath: 'metadata.name' } }] } },
];

describe('volumes', { skip }, () => {
  it('sets up every kind, and finds all of it in place the second time', async (t) => {
    const { volumes, podDir, rootDir } = await machine(t);
    const pod = podWith([...ALL_KINDS, { name: 'host', hostPath: { path: '/usr' } }]);
    const at = (plugin: string, name: string) => join(podDir, 'volumes', plugin, name);
    const disk = at('kubernetes.io~empty-dir', 'disk');
    const info = at('kubernetes.io~downward-api', 'info');
    const prepared = {
      disk: { hostPath: disk, readOnly: false },
      memory: { hostPath: at('kubernetes.io~empty-dir', 'memory'), readOnly: false },
      info: { hostPath: info, readOnly: true },
      host: { hostPath: '/usr', readOnly: false },
    };
    assert.deepEqual(await volumes.setUp(pod, SIGNAL), { ok: true, value: prepared });
    await writeFile(join(disk, 'kept'), '');
    await chmod(disk, 0o700);
    const before = [mountsBelow(await readMountTable(), rootDir), await readdir(info)];
    assert.deepEqual(await volumes.setUp(pod, SIGNAL), { ok: true, value: prepared });
    assert.deepEqual([mountsBelow(await readMountTable(), rootDir), await readdir(info)], before);
    assert.equal(await readFile(join(info, 'pod/name'), 'utf8'), 'web');
    assert.deepEqual([await readdir(disk), await describePath(disk)], [['kept'], '700 0:0']);
    assert.deepEqual(await volumes.list(SIGNAL), ['uid-web']);
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
    assert.deepEqual(mountsBelow(await readMountTable(), rootDir), []);
    assert.deepEqual([await volumes.list(SIGNAL), await readdir(join(rootDir, 'pods'))], [[], []]);
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
  });

  it('gives directories the modes that they have on a node, and those of an fsGroup', async (t) => {
    const { volumes, podDir } = await machine(t);
    const modes = async (fsGroup?: number) => {
      const made = await volumes.setUp(
        podWith(ALL_KINDS, fsGroup === undefined ? {} : { securityContext: { fsGroup } }),
        SIGNAL,
      );
      assert.ok(made.ok);
      const shown = await Promise.all(Object.values(made.value).map(({ hostPath }) => describePath(hostPath)));
      await volumes.tearDown('uid-web', SIGNAL);
      return shown;
    };
    assert.deepEqual(await modes(), ['777 0:0', '1777 0:0', '777 0:0']);
    assert.deepEqual(await modes(2000), ['2777 0:2000', '3777 0:2000', '2777 0:2000']);
    assert.equal(existsSync(podDir), false);
  });

  it('limits a volume in memory, and mounts huge pages where the kernel has them', async (t) => {
    const { volumes, podDir } = await machine(t);
    const huge = existsSync('/sys/kernel/mm/hugepages/hugepages-2048kB');
    const kinds: Volume[] = [{ name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }];
    if (huge) kinds.push({ name: 'huge', emptyDir: { medium: 'HugePages-2Mi' } });
    assert.equal((await volumes.setUp(podWith(kinds), SIGNAL)).ok, true);
    const table = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(podDir));
    const options = table.map((line) => line.split(' - ')[1]);
    assert.deepEqual(options, ['tmpfs tmpfs rw,size=8192k', ...(huge ? ['hugetlbfs nodev rw,pagesize=2M'] : [])]);
  });

  it('shares what containers mount inside a volume, where the pod wants that', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith(ALL_KINDS.slice(0, 2), { mount: { mountPropagation: 'Bidirectional' } });
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await volumes.setUp(pod, SIGNAL)).ok, true);
      assert.deepEqual(
        mountsBelow(await readMountTable(), podDir).map(({ shared }) => shared),
        [true, true],
      );
    }
  });

  it('refreshes files when the labels have changed, and keeps what is mounted', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith([
      { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ]);
    await volumes.setUp(pod, SIGNAL);
    const file = join(podDir, 'volumes/kubernetes.io~downward-api/info/labels');
    assert.equal(await readFile(file, 'utf8'), '');
    await volumes.setUp({ ...pod, metadata: { ...pod.metadata, labels: { key: 'value' } } }, SIGNAL);
    assert.equal(await readFile(file, 'utf8'), 'key="value"');
    assert.equal(mountsBelow(await readMountTable(), podDir).length, 1);
  });

  it('makes room in a read-only volume for others that are mounted inside', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith([{ name: 'info', downwardAPI: {} }, { name: 'disk' }]);
    const volumeMounts = [
      { name: 'info', mountPath: '/etc/info' },
      { name: 'disk', mountPath: '/etc/info/a/b' },
    ];
    await volumes.setUp({ ...pod, spec: { ...pod.spec, containers: [aContainer('app', { volumeMounts })] } }, SIGNAL);
    assert.equal((await stat(join(podDir, 'volumes/kubernetes.io~downward-api/info/a/b'))).isDirectory(), true);
  });

  it('goes on where a crash left a set-up', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith(ALL_KINDS);
    await volumes.setUp(pod, SIGNAL);
    await rm(join(podDir, 'plugins'), { recursive: true });
    await rm(join(podDir, 'volumes/kubernetes.io~downward-api/info/..data'));
    execFileSync('umount', [join(podDir, 'volumes/kubernetes.io~empty-dir/memory')]);
    assert.equal((await volumes.setUp(pod, SIGNAL)).ok, true);
    assert.equal(mountsBelow(await readMountTable(), podDir).length, 2);
    assert.equal(await readFile(join(podDir, 'volumes/kubernetes.io~downward-api/info/pod/name'), 'utf8'), 'web');
    assert.equal((await volumes.setUp(pod, SIGNAL)).ok, true);
    assert.equal(mountsBelow(await readMountTable(), podDir).length, 2);
  });

  it('mounts memory again after a restart of the machine', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith(ALL_KINDS);
    await volumes.setUp(pod, SIGNAL);
    for (const { mountPoint } of mountsBelow(await readMountTable(), podDir)) execFileSync('umount', [mountPoint]);
    assert.equal((await volumes.setUp(pod, SIGNAL)).ok, true);
    assert.equal(mountsBelow(await readMountTable(), podDir).length, 2);
  });

  it('names the volume that can not be set up, and why', async (t) => {
    const { volumes } = await machine(t);
    const messageOf = async (volume: Volume) => {
      const made = await volumes.setUp(podWith([volume]), SIGNAL);
      return made.ok ? 'made' : `${made.error.kind} ${made.error.reason}: ${made.error.message}`;
    };
    const failed = 'refused FailedMount: MountVolume.SetUp failed for volume "x" :';
    assert.equal(
      await messageOf({ name: 'x', csi: { driver: 'd' } }),
      `${failed} volumes of type csi are not supported`,
    );
    assert.equal(
      await messageOf({ name: 'x', hostPath: { path: '/missing', type: 'Directory' } }),
      `${failed} hostPath type check failed: /missing is not a directory`,
    );
    assert.match(
      await messageOf({ name: 'x', emptyDir: { medium: 'HugePages-3Ki' } }),
      /^refused FailedMount: .*mount -c -t hugetlbfs/,
    );
  });
});

describe('tear-down', { skip }, () => {
  it('S-VOL-15 unmounts what a pod or its containers left, and deletes nothing behind it', async (t) => {
    const { volumes, podDir, top } = await machine(t);
    const precious = join(top, 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'keep'), 'data');
    await volumes.setUp(podWith(ALL_KINDS), SIGNAL);
    const disk = join(podDir, 'volumes/kubernetes.io~empty-dir/disk');
    for (const name of ['bound', 'bound/deeper', 'stacked']) await mkdir(join(disk, name), { recursive: true });
    await symlink(precious, join(disk, 'link'));
    await symlink(precious, join(podDir, 'link'));
    await writeFile(join(disk, 'file'), '');
    mount('--bind', precious, join(disk, 'bound/deeper'));
    mount('--bind', precious, join(disk, 'stacked'));
    mount('-t', 'tmpfs', 'tmpfs', join(disk, 'stacked'));
    mount('--bind', join(precious, 'keep'), join(disk, 'file'));
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
    assert.equal(existsSync(podDir), false);
    assert.deepEqual(await readdir(precious), ['keep']);
    assert.equal(await readFile(join(precious, 'keep'), 'utf8'), 'data');
  });

  it('detaches what is still in use', async (t) => {
    const { volumes, podDir } = await machine(t);
    await volumes.setUp(podWith(ALL_KINDS), SIGNAL);
    await using file = await open(join(podDir, 'volumes/kubernetes.io~empty-dir/memory/busy'), 'w');
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
    assert.equal((await file.stat()).isFile(), true);
    assert.equal(existsSync(podDir), false);
  });

  it('removes a link in place of a pod directory, not what it leads to', async (t) => {
    const { volumes, podDir, top, rootDir } = await machine(t);
    const precious = join(top, 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'keep'), '');
    await mkdir(join(rootDir, 'pods'), { recursive: true });
    await symlink(precious, podDir);
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
    assert.deepEqual([existsSync(podDir), await readdir(precious)], [false, ['keep']]);
  });

  it('S-VOL-10 S-FS-7 refuses a uid that is no name', async (t) => {
    const { volumes, top } = await machine(t);
    await writeFile(join(top, 'keep'), '');
    for (const uid of ['..', '../..', '', 'a/b']) assert.equal((await volumes.tearDown(uid, SIGNAL)).ok, false);
    assert.equal(existsSync(join(top, 'keep')), true);
  });

  it('finds its mounts also when the root directory is a link', async (t) => {
    const { top } = await machine(t);
    await mkdir(join(top, 'real'));
    await symlink('real', join(top, 'linked'));
    const volumes = createVolumes({ node: aNode({ rootDir: join(top, 'linked') }), now, objects: NO_OBJECTS });
    for (let time = 0; time < 2; time += 1) assert.equal((await volumes.setUp(podWith(ALL_KINDS), SIGNAL)).ok, true);
    assert.equal(mountsBelow(await readMountTable(), top).length, 2);
    assert.deepEqual(await volumes.tearDown('uid-web', SIGNAL), { ok: true, value: undefined });
    assert.deepEqual(mountsBelow(await readMountTable(), top), []);
  });
});

describe('S-VOL-11 hostPath types', { skip }, () => {
  const kinds = [
    'missing',
    'directory',
    'file',
    'socket',
    'charDevice',
    'fifo',
    'linkToDirectory',
    'linkToFile',
    'dangling',
  ];
  const accepted: readonly (readonly [string, readonly string[]])[] = [
    ['', kinds],
    ['Directory', ['directory', 'linkToDirectory']],
    ['DirectoryOrCreate', ['missing', 'directory', 'linkToDirectory']],
    ['File', ['file', 'linkToFile']],
    ['FileOrCreate', ['missing', 'file', 'linkToFile']],
    ['Socket', ['socket']],
    ['CharDevice', ['charDevice']],
    ['BlockDevice', []],
  ];
  for (const [type, expected] of accepted) {
    it(`${type === '' ? 'none' : type} takes ${expected.join(', ') || 'nothing here'}`, async (t) => {
      const { volumes, top } = await machine(t);
      const path = (kind: string) => join(top, kind);
      await mkdir(path('directory'));
      await writeFile(path('file'), '');
      execFileSync('mkfifo', [path('fifo')]);
      await symlink('directory', path('linkToDirectory'));
      await symlink('file', path('linkToFile'));
      await symlink('nowhere', path('dangling'));
      await symlink('/dev/null', path('charDevice'));
      const server = createServer().listen(path('socket'));
      t.after(() => server.close());
      await new Promise((resolve) => server.once('listening', resolve));
      const taken: string[] = [];
      for (const kind of kinds) {
        const made = await volumes.setUp(podWith([{ name: 'x', hostPath: { path: path(kind), type } }]), SIGNAL);
        if (made.ok) taken.push(kind);
      }
      assert.deepEqual(taken, expected);
      assert.equal(existsSync(path('nowhere')), false);
      if (type === 'DirectoryOrCreate') assert.equal(await describePath(path('missing')), '755 0:0');
      if (type === 'FileOrCreate') assert.equal(await describePath(path('missing')), '644 0:0');
    });
  }

  it('makes missing parents of a directory and none of a file', async (t) => {
    const { volumes, top } = await machine(t);
    const attempt = async (type: string) => {
      const path = join(top, type, 'deep/er');
      return (await volumes.setUp(podWith([{ name: 'x', hostPath: { path, type } }]), SIGNAL)).ok;
    };
    assert.deepEqual([await attempt('DirectoryOrCreate'), await attempt('FileOrCreate')], [true, false]);
  });
});

const hosts = (...podIPs: readonly string[]) => ({ podIPs, neighbours: [] });

describe('files of a container', { skip }, () => {
  it('keep one hosts file that running containers see change', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith([]);
    await volumes.setUp(pod, SIGNAL);
    const made = async (ip: string) => volumes.containerFiles(pod, aContainer('app'), hosts(ip), SIGNAL);
    const first = await made('10.1.1.100');
    const path = join(podDir, 'etc-hosts');
    assert.equal(first.ok && first.value.hostsFile, path);
    await using seen = await open(path, 'r');
    await truncate(path, 1_000_000_000);
    await chmod(path, 0o600);
    await made('10.1.1.2');
    const neighbours = [
      { uid: 'u', namespace: 'default', name: 'db-n', shortName: 'db', host: 'db', ips: ['10.1.1.3'] },
    ];
    await volumes.refreshHosts(pod, { podIPs: ['10.1.1.2'], neighbours }, SIGNAL);
    const withOther = await readFile(path, 'utf8');
    assert.equal(withOther.split('\n').at(-2), '10.1.1.3\tdb-n\tdb\tdb-n.default\tdb.default');
    await volumes.refreshHosts(pod, hosts('10.1.1.2'), SIGNAL);
    const text = await seen.readFile('utf8');
    assert.deepEqual(
      [text.split('\n').at(-2), (await seen.stat()).size, await describePath(path)],
      ['10.1.1.2\tweb', text.length, '644 0:0'],
    );
  });

  it('S-FS-10 are never written through a link', async (t) => {
    const { volumes, podDir, top } = await machine(t);
    const pod = podWith([]);
    await volumes.setUp(pod, SIGNAL);
    await symlink(join(top, 'hosts'), join(podDir, 'etc-hosts'));
    const made = await volumes.containerFiles(pod, aContainer('app'), hosts('10.1.1.1'), SIGNAL);
    assert.match(made.ok ? 'made' : made.error.message, /ELOOP/);
    assert.equal(await readFile(join(top, 'hosts'), 'utf8'), '127.0.0.1 host\n');
  });

  it("add aliases to the host's own names on its network", async (t) => {
    const { volumes } = await machine(t);
    const pod = podWith([], { hostNetwork: true, hostAliases: [{ ip: '192.0.2.7', hostnames: ['db'] }] });
    await volumes.setUp(pod, SIGNAL);
    const made = await volumes.containerFiles(pod, aContainer('app'), hosts(), SIGNAL);
    const text = await readFile((made.ok && made.value.hostsFile) || '', 'utf8');
    assert.deepEqual(text.split('\n').slice(1, 2), ['127.0.0.1 host']);
  });

  it('include a termination log of its own for each start, and only the newest are kept', async (t) => {
    const { volumes, podDir } = await machine(t);
    const pod = podWith([]);
    await volumes.setUp(pod, SIGNAL);
    const paths: string[] = [];
    for (let start = 0; start < 12; start += 1) {
      const made = await volumes.containerFiles(pod, aContainer('app'), hosts('10.1.1.1'), SIGNAL);
      assert.ok(made.ok);
      paths.push(made.value.terminationLog);
      await utimes(made.value.terminationLog, start, start);
    }
    assert.equal(new Set(paths).size, 12);
    assert.match(paths[0] ?? '', /\/containers\/app\/[0-9a-f]{8}$/);
    const kept = (await readdir(join(podDir, 'containers/app'))).map((name) => join(podDir, 'containers/app', name));
    assert.deepEqual(kept.toSorted(), paths.slice(-10).toSorted());
    assert.equal((await lstat(paths[11] ?? '')).mode & 0o777, 0o666);
  });
});
