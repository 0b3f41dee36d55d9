// What this machine uses, from /proc. Working set as the kubelet has it for the whole node: what is neither free nor
// inactive file cache.
import { readFile, statfs } from 'node:fs/promises';
import type { InterfaceUse, NodeUse } from '../ports/stats.ts';

/** The kernel's clock ticks for people: 100 a second on every Linux that Node runs on. */
const NANOS_PER_TICK = 10_000_000;
const KIB = 1024;

export interface NodeUseOptions {
  /** Whose file system is told. */
  readonly rootDir: string;
  readonly now: () => { readonly wall: number };
  /** For tests; default /proc. */
  readonly proc?: string;
}

export async function readNodeUse({ rootDir, now, proc = '/proc' }: NodeUseOptions): Promise<NodeUse> {
  const read = (name: string) => readFile(`${proc}/${name}`, 'utf8');
  const [stat, meminfo, net, pidMax, loadavg] = await Promise.all([
    read('stat'),
    read('meminfo'),
    // Of the process itself: /proc/net is a link to it.
    read('self/net/dev'),
    read('sys/kernel/pid_max'),
    read('loadavg'),
  ]);
  const at = now().wall;
  const memory = decodeMeminfo(meminfo);
  const filesystem = await filesystemOf(rootDir);
  return {
    at,
    bootedAt: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
    cpu: { at, coreNanoSeconds: busyTicks(stat) * NANOS_PER_TICK },
    memory: {
      at,
      availableBytes: memory('MemAvailable'),
      usageBytes: memory('MemTotal') - memory('MemFree'),
      workingSetBytes: memory('MemTotal') - memory('MemFree') - memory('Inactive(file)'),
      rssBytes: memory('AnonPages'),
    },
    swap: { usedBytes: memory('SwapTotal') - memory('SwapFree'), availableBytes: memory('SwapFree') },
    interfaces: decodeInterfaces(net),
    ...(filesystem === undefined ? {} : { filesystem }),
    processes: { most: Number(pidMax.trim()), running: Number(/\d+\/(\d+)/.exec(loadavg)?.[1] ?? 0) },
  };
}

function decodeMeminfo(text: string): (name: string) => number {
  const values = new Map(
    [...text.matchAll(/^([^:]+): +(\d+) kB$/gm)].map(([, name, kib]) => [name, Number(kib) * KIB]),
  );
  return (name) => values.get(name) ?? 0;
}

/** Everything but idle and waiting for disks; guests are counted in user already. */
function busyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '')
    .split(' ')
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}

function decodeInterfaces(text: string): readonly InterfaceUse[] {
  return [...text.matchAll(/^ *([^:\s]+): *(.*)$/gm)].flatMap(([, name = '', rest = '']) => {
    const values = rest.trim().split(/ +/).map(Number);
    if (name === 'lo' || values.length < 11) return [];
    return {
      name,
      rxBytes: values[0] ?? 0,
      rxErrors: values[2] ?? 0,
      txBytes: values[8] ?? 0,
      txErrors: values[10] ?? 0,
    };
  });
}

async function filesystemOf(folder: string): Promise<NodeUse['filesystem'] | undefined> {
  const found = await statfs(folder).catch(() => undefined);
  if (found === undefined) return undefined;
  const { bsize, blocks, bfree, bavail, files, ffree } = found;
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
    inodesUsed: files - ffree,
  };
}
