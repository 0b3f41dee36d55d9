// The CNI network of the embedded runtime as a value: bridge + portmap with host-local addresses. Pure.
// Reference: CNI specification 1.0.0 and the plugins' own pages (bridge, host-local, portmap).
export interface CniNetwork {
  /** Interface name and network name in one: unique on the host, so every rule that carries it is ours. */
  readonly bridge: string;
  /** IPv4, "10.213.0.0/24". */
  readonly subnet: string;
}

/** The conflist that containerd hands to the plugins. @param addressDir where host-local keeps one file per address */
export function encodeConfList(network: CniNetwork, addressDir: string): string {
  const bridge = {
    type: 'bridge',
    bridge: network.bridge,
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir: addressDir,
      ranges: [[{ subnet: network.subnet, gateway: gatewayOf(network.subnet) }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true };
  // 0.4.0 is the newest that the plugins of Debian 11 and containerd 1.6 both speak.
  return `${JSON.stringify({ cniVersion: '0.4.0', name: network.bridge, plugins: [bridge, portmap] }, null, 2)}\n`;
}

/** The first address of a subnet, which the bridge gets. */
export function gatewayOf(subnet: string): string {
  const [base] = parseSubnet(subnet);
  return formatAddress(base + 1);
}

export function prefixLengthOf(subnet: string): number {
  return Number(subnet.split('/')[1]);
}

/** First /24 of the pool that overlaps with none of the ranges in use, e.g. those of the host's routes. */
export function pickSubnet(inUse: readonly string[]): string | undefined {
  const taken = inUse.map(parseSubnet);
  for (let third = 0; third < 256; third += 1) {
    const candidate = `${SUBNET_POOL}.${third}.0/24`;
    const [base, size] = parseSubnet(candidate);
    if (taken.every(([start, length]) => start + length <= base || base + size <= start)) return candidate;
  }
  return undefined;
}

/** Destinations of IPv4 routes as "ip -4 route show" prints them; the default route is none. */
export function routeNetworks(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /(?:^|\s)(\d+\.\d+\.\d+\.\d+(?:\/\d+)?)(?:\s|$)/.exec(line)?.[1] ?? []);
}

/** Which the usual tools (Docker, Podman, CRI-O, k3s, kubeadm add-ons, libvirt) leave alone by default. */
const SUBNET_POOL = '10.213';

/** @returns undefined for anything but an IPv4 network of /8 to /29 in its canonical form */
export function checkSubnet(subnet: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(subnet);
  const bits = Number(match?.[5]);
  if (match === null || match.slice(1, 5).some((part) => Number(part) > 255) || bits < 8 || bits > 29) return undefined;
  const [base] = parseSubnet(subnet);
  return formatAddress(base) === subnet.split('/')[0] ? subnet : undefined;
}

/** @returns first address as a number, and how many addresses there are */
function parseSubnet(subnet: string): readonly [number, number] {
  const [address = '', bits = '32'] = subnet.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [Math.floor(value / size) * size, size];
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
