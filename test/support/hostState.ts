// What pods and their runtime can leave on a host, as sorted lines that two moments can be compared by.
// Only kinds of things that a container runtime makes are looked at: an unrelated process of the machine is no finding.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/platform/run.ts';

export interface HostState {
  readonly [kind: string]: readonly string[];
}

export async function captureHostState(): Promise<HostState> {
  return {
    mounts: await mounts(),
    'network namespaces': await names('/run/netns'),
    links: await names('/sys/class/net'),
    'CNI addresses': await tree('/var/lib/cni'),
    'iptables rules': [...(await rules('iptables-save')), ...(await rules('ip6tables-save'))].sort(),
    forwarding: [(await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim()],
    cgroups: await cgroups(),
    processes: await runtimeProcesses(),
    'shim sockets': await names('/run/containerd/s'),
    'pod logs': [...(await names('/var/log/pods')), ...(await names('/var/log/containers'))],
  };
}

/** One line per difference: "links: + veth1234", "processes: - 17 containerd"; empty when nothing was left or lost. */
export function diffHostState(before: HostState, after: HostState): readonly string[] {
  return Object.keys(before).flatMap((kind) => {
    const old = before[kind] ?? [];
    const now = after[kind] ?? [];
    const added = now.filter((line) => !old.includes(line)).map((line) => `${kind}: + ${line}`);
    const lost = old.filter((line) => !now.includes(line)).map((line) => `${kind}: - ${line}`);
    return [...added, ...lost];
  });
}

async function mounts(): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [head = '', tail = ''] = line.split(' - ');
      return `${head.split(' ')[4]} (${tail.split(' ')[0]})`;
    })
    .sort();
}

async function names(directory: string): Promise<readonly string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}

async function tree(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function rules(program: string): Promise<readonly string[]> {
  const saved = await run(program, []);
  if (!saved.ok) return [];
  const lines = saved.value.split('\n').filter((line) => /^(-A|:(CNI|KUBE|SOLOPOD))/.test(line));
  return lines.map((line) => `${program.replace('-save', '')} ${line.replace(/ \[\d+:\d+\]$/, '')}`);
}

/** Groups of pods, in every hierarchy. */
async function cgroups(): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (directory: string, depth: number): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const path = join(directory, entry.name);
      if (/kubepods|k8s\.io|solopod|^pod/.test(path)) found.push(path);
      if (depth < 6) await visit(path, depth + 1);
    }
  };
  await visit('/sys/fs/cgroup', 0);
  return found.sort();
}

/** containerd, shims and the like by pid; containers by the first process of their PID namespace, since others come and go. */
async function runtimeProcesses(): Promise<readonly string[]> {
  const here = await readlink('/proc/self/ns/pid');
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ').trim();
    if (argv === '') continue; // a kernel thread, or a process that ended but waits for its parent
    const namespace = await readlink(`/proc/${pid}/ns/pid`).catch(() => here);
    const program = argv.split(' ')[0]?.split('/').at(-1) ?? '';
    const isFirst = namespace !== here && (await innerPid(pid)) === '1';
    if (isFirst || (namespace === here && /^(containerd|runc|conmon|catatonit)/.test(program))) {
      found.push(`${pid} ${argv}`);
    }
  }
  return found.sort();
}

/** The number by which a process is known in its own PID namespace. */
async function innerPid(pid: string): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^NSpid:.*\s(\d+)$/m.exec(status)?.[1];
}
