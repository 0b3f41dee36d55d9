// Reads the facts about this machine that pods can see, once, at start. Nothing here changes the machine.
// Rule: the kubelet's node status (name, addresses, capacity); allocatable is capacity less huge pages and what is reserved.
import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { cpus, hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { NodeFacts } from '../api/node.ts';
import { parseResolvConf } from '../network/resolvConf.ts';
import {
  defaultRouteInterfaces,
  type HugePages,
  hugePageBytes,
  memTotalBytes,
  orderAddresses,
  swapOf,
} from './nodeFacts.ts';

export interface NodeOptions {
  /** Absent or "": the machine's host name. */
  readonly nodeName?: string;
  readonly rootDir: string;
  readonly podLogsDir: string;
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** Path of the resolv.conf that pods inherit; "" for none. */
  readonly resolvConf: string;
  readonly seccompDefault: boolean;
  /** What pods do not get: systemReserved and kubeReserved together. */
  readonly reserved: NodeFacts['allocatable'];
  /** What the runtime or the configuration says; absent means cgroupfs. */
  readonly cgroupDriver?: NodeFacts['cgroupDriver'];
  /** Where the kernel shows itself; tests give copies. */
  readonly procDir?: string;
  readonly sysDir?: string;
}

/** @throws when the machine has no name, its kernel files can't be read, or more is reserved than there is */
export async function readNodeFacts(options: NodeOptions): Promise<NodeFacts> {
  const procDir = options.procDir ?? '/proc';
  const sysDir = options.sysDir ?? '/sys';
  const hugePages = await readHugePages(join(sysDir, 'kernel/mm/hugepages'));
  const memory = memTotalBytes(await readFile(join(procDir, 'meminfo'), 'utf8'));
  const routes = await readOptional(join(procDir, 'net/route'));
  const reservedForHugePages = hugePages.reduce((sum, pages) => sum + pages.sizeBytes * pages.count, 0);
  return {
    name: nodeName(options.nodeName),
    hostIPs: orderAddresses(networkInterfaces(), defaultRouteInterfaces(routes)),
    rootDir: options.rootDir,
    podLogsDir: options.podLogsDir,
    clusterDNS: options.clusterDNS,
    clusterDomain: options.clusterDomain,
    resolvConf: await readResolvConf(options.resolvConf),
    allocatable: lessReserved(
      {
        milliCpu: cpus().length * 1000,
        memoryBytes: Math.max(0, memory - reservedForHugePages),
        ephemeralStorageBytes: await filesystemBytes(options.rootDir),
      },
      options.reserved,
    ),
    hugePages: Object.fromEntries(hugePages.map(({ sizeBytes, count }) => [sizeBytes, sizeBytes * count])),
    hugePageSizes: hugePages.map((pages) => pages.sizeBytes),
    cgroupVersion: await cgroupVersion(join(sysDir, 'fs/cgroup')),
    cgroupDriver: options.cgroupDriver ?? 'cgroupfs',
    seccompDefault: options.seccompDefault,
    swap: swapOf({
      swaps: await readOptional(join(procDir, 'swaps')),
      release: await readOptional(join(procDir, 'sys/kernel/osrelease')),
      uidMap: await readOptional(join(procDir, 'self/uid_map')),
    }),
  };
}

/** What every node is labelled with. */
export function standardLabels(name: string): { readonly [key: string]: string } {
  const arch = { x64: 'amd64', arm64: 'arm64', ia32: '386' }[process.arch as string] ?? process.arch;
  return { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': arch };
}

type Amounts = NodeFacts['allocatable'];

const RESERVABLE: readonly (readonly [keyof Amounts, string])[] = [
  ['milliCpu', 'cpu (in thousandths)'],
  ['memoryBytes', 'memory'],
  ['ephemeralStorageBytes', 'ephemeral-storage'],
];

function lessReserved(capacity: Amounts, reserved: Amounts): Amounts {
  for (const [key, name] of RESERVABLE) {
    if (reserved[key] <= capacity[key]) continue;
    throw new Error(
      `Cannot reserve ${reserved[key]} of ${name} for the system: this machine has ${capacity[key]}; lower systemReserved or kubeReserved`,
    );
  }
  return {
    milliCpu: capacity.milliCpu - reserved.milliCpu,
    memoryBytes: capacity.memoryBytes - reserved.memoryBytes,
    ephemeralStorageBytes: capacity.ephemeralStorageBytes - reserved.ephemeralStorageBytes,
  };
}

function nodeName(given: string | undefined): string {
  const name = (given ?? '').trim() === '' ? hostname() : (given ?? '');
  const clean = name.trim().toLowerCase();
  if (clean === '') throw new Error('Cannot name this node: the host name is empty; set the node name');
  return clean;
}

/** Without a resolv.conf, names are asked of the machine itself and nothing is searched. */
async function readResolvConf(path: string): Promise<NodeFacts['resolvConf']> {
  if (path === '') return { servers: ['127.0.0.1'], searches: ['.'], options: [] };
  return parseResolvConf(await readOptional(path));
}

async function readHugePages(directory: string): Promise<readonly HugePages[]> {
  const names = await readdir(directory).catch(() => []);
  const sizes = names.flatMap((name) => {
    const sizeBytes = hugePageBytes(name);
    return sizeBytes === undefined ? [] : [{ name, sizeBytes }];
  });
  return Promise.all(
    sizes
      .toSorted((a, b) => a.sizeBytes - b.sizeBytes)
      .map(async ({ name, sizeBytes }) => ({
        sizeBytes,
        count: Number.parseInt(await readOptional(join(directory, name, 'nr_hugepages')), 10) || 0,
      })),
  );
}

/** The unified hierarchy shows its controllers at the root of the mount; the hybrid layout counts as version 1. */
async function cgroupVersion(mount: string): Promise<1 | 2> {
  const unified = await stat(join(mount, 'cgroup.controllers')).catch(() => undefined);
  return unified === undefined ? 1 : 2;
}

/** Size of the filesystem that holds the root directory, or of its nearest parent that exists already. */
async function filesystemBytes(directory: string): Promise<number> {
  let path = directory;
  for (;;) {
    const info = await statfs(path).catch(() => undefined);
    if (info !== undefined) return info.blocks * info.bsize;
    if (path === '/') return 0;
    path = join(path, '..');
  }
}

async function readOptional(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
