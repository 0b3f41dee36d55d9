// Understands the kernel's and the system's own descriptions of a machine. Pure: text and records in, facts out.
import type { NetworkInterfaceInfo } from 'node:os';

export interface HugePages {
  readonly sizeBytes: number;
  readonly count: number;
}

const ROUTE_UP = 0x1;

/** MemTotal of /proc/meminfo in bytes. */
export function memTotalBytes(meminfo: string): number {
  const match = /^MemTotal:\s+([0-9]+) kB$/m.exec(meminfo);
  if (match === null) throw new Error('Cannot read the memory size: /proc/meminfo has no MemTotal');
  return Number(match[1]) * 1024;
}

/**
 * Whether volumes in memory can be swapped out. The kernel keeps a tmpfs in memory on request from 6.4 on, and for the
 * machine's own root only.
 */
export function swapOf(texts: { readonly swaps: string; readonly release: string; readonly uidMap: string }) {
  const [, ...devices] = texts.swaps.split('\n').filter((line) => line.trim() !== '');
  if (devices.length === 0) return 'off';
  const [major = 0, minor = 0] = texts.release.split('.').map((part) => Number.parseInt(part, 10));
  const isNewEnough = major > 6 || (major === 6 && minor >= 4);
  const isRoot = /^\s*0\s+0\s+4294967295\s*$/.test(texts.uidMap);
  return isNewEnough && isRoot ? 'avoidable' : 'on';
}

/** Page size of a directory name below /sys/kernel/mm/hugepages, such as "hugepages-2048kB". */
export function hugePageBytes(name: string): number | undefined {
  const match = /^hugepages-([0-9]+)kB$/.exec(name);
  return match === null ? undefined : Number(match[1]) * 1024;
}

/** Names of the interfaces with an IPv4 default route in /proc/net/route, lowest metric first. */
export function defaultRouteInterfaces(routes: string): readonly string[] {
  const rows = routes
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  const defaults = rows.filter(
    ([, destination, , flags, , , , mask]) =>
      destination === '00000000' && mask === '00000000' && (Number.parseInt(flags ?? '0', 16) & ROUTE_UP) !== 0,
  );
  return defaults
    .toSorted((a, b) => Number(a[6]) - Number(b[6]))
    .flatMap(([name]) => (name === undefined ? [] : [name]));
}

/**
 * One address of each family that others can reach, IPv4 first, of the interface with the default route when it has
 * any (bridges of container networks are not the machine's address). A machine with nothing but loopback has 127.0.0.1.
 */
export function orderAddresses(
  interfaces: { readonly [name: string]: readonly NetworkInterfaceInfo[] | undefined },
  preferred: readonly string[],
): readonly string[] {
  const routed = reachable(interfaces, preferred);
  const infos = routed.length > 0 ? routed : reachable(interfaces, Object.keys(interfaces));
  const addresses = (['IPv4', 'IPv6'] as const).flatMap((family) => {
    const first = infos.find((info) => info.family === family);
    return first === undefined ? [] : [first.address];
  });
  return addresses.length === 0 ? ['127.0.0.1'] : addresses;
}

function reachable(
  interfaces: { readonly [name: string]: readonly NetworkInterfaceInfo[] | undefined },
  names: readonly string[],
): readonly NetworkInterfaceInfo[] {
  return names.flatMap((name) => interfaces[name] ?? []).filter(isReachable);
}

function isReachable(info: NetworkInterfaceInfo): boolean {
  if (info.internal) return false;
  return info.family === 'IPv4' ? !info.address.startsWith('169.254.') : !/^fe[89ab]/i.test(info.address);
}
