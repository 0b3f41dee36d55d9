import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readNodeFacts } from '../../../src/platform/node.ts';
import { tempDir } from '../../support/tempDir.ts';

const FILES: { readonly [path: string]: string } = {
  'proc/meminfo': 'MemTotal:       1048576 kB\n',
  'sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages': '0\n',
  'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '2\n',
  'resolv.conf': 'nameserver 192.0.2.53\nsearch lab\n',
};

const NOTHING = { milliCpu: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };

async function machine(t: TestContext, files: { readonly [path: string]: string }) {
  const top = await tempDir(t);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), text);
  }
  return {
    rootDir: join(top, 'not/there/yet'),
    podLogsDir: '/var/log/pods',
    clusterDNS: ['10.96.0.10'],
    clusterDomain: 'cluster.local',
    resolvConf: join(top, 'resolv.conf'),
    seccompDefault: true,
    reserved: NOTHING,
    procDir: join(top, 'proc'),
    sysDir: join(top, 'sys'),
  };
}

describe('readNodeFacts', () => {
  it('reads what the kernel shows', async (t) => {
    const options = await machine(t, FILES);
    const { hostIPs, allocatable, ...facts } = await readNodeFacts({ ...options, nodeName: ' Edge-1 ' });
    assert.deepEqual(facts, {
      name: 'edge-1',
      rootDir: options.rootDir,
      podLogsDir: '/var/log/pods',
      clusterDNS: ['10.96.0.10'],
      clusterDomain: 'cluster.local',
      resolvConf: { servers: ['192.0.2.53'], searches: ['lab'], options: [] },
      hugePages: { [2 ** 21]: 2 ** 22, [2 ** 30]: 0 },
      hugePageSizes: [2 ** 21, 2 ** 30],
      cgroupVersion: 1,
      cgroupDriver: 'cgroupfs',
      seccompDefault: true,
      swap: 'off',
    });
    assert.ok(hostIPs.length > 0);
    assert.deepEqual([allocatable.milliCpu, allocatable.memoryBytes], [cpus().length * 1000, 2 ** 30 - 2 * 2 ** 21]);
    assert.ok(allocatable.ephemeralStorageBytes > 0);
  });

  it('keeps from pods what is reserved, and refuses to reserve more than there is', async (t) => {
    const options = await machine(t, FILES);
    const reserved = { milliCpu: 100, memoryBytes: 2 ** 20, ephemeralStorageBytes: 0 };
    const { allocatable } = await readNodeFacts({ ...options, reserved });
    assert.equal(allocatable.milliCpu, cpus().length * 1000 - 100);
    assert.equal(allocatable.memoryBytes, 2 ** 30 - 2 * 2 ** 21 - 2 ** 20);
    await assert.rejects(readNodeFacts({ ...options, reserved: { ...NOTHING, memoryBytes: 2 ** 31 } }), {
      message:
        'Cannot reserve 2147483648 of memory for the system: this machine has 1069547520; lower systemReserved or kubeReserved',
    });
  });

  it('sees the unified hierarchy, and takes the driver that it is told', async (t) => {
    const options = await machine(t, { ...FILES, 'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n' });
    const { cgroupVersion, cgroupDriver } = await readNodeFacts({ ...options, cgroupDriver: 'systemd' });
    assert.deepEqual([cgroupVersion, cgroupDriver], [2, 'systemd']);
  });

  it('is named after the host by default', async (t) => {
    const facts = await readNodeFacts({ ...(await machine(t, FILES)), nodeName: '' });
    assert.equal(facts.name, hostname().trim().toLowerCase());
  });

  it('asks the machine itself for names without a resolv.conf', async (t) => {
    const facts = await readNodeFacts({ ...(await machine(t, FILES)), resolvConf: '' });
    assert.deepEqual(facts.resolvConf, { servers: ['127.0.0.1'], searches: ['.'], options: [] });
  });
});
