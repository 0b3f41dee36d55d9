// Makes the host side of the embedded network: a bridge that is provably ours, a free subnet, the CNI configuration.
// The bridge is made before the first pod, so that a second runner on the host sees name and subnet as taken.
// Running CNI plugins is containerd's business (inside RunPodSandbox), never ours.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { run } from '../run.ts';
import {
  type CniNetwork,
  checkSubnet,
  encodeConfList,
  gatewayOf,
  pickSubnet,
  prefixLengthOf,
  routeNetworks,
} from './cniConfig.ts';
import type { EmbeddedTools } from './find.ts';
import { acceptForwarded, sharedChains } from './iptables.ts';
import { type EmbeddedPaths, rootHash } from './paths.ts';

export interface NetworkWish {
  /** IPv4 network; default: the first /24 of 10.213.0.0/16 that no route of the host overlaps. */
  readonly subnet?: string;
}

/** What cleaning up must know about the host before the first pod; written once, removed with the network. */
export interface NetworkRecord extends CniNetwork {
  /** net.ipv4.ip_forward before we came; the bridge plugin turns it on. */
  readonly forwardedBefore: boolean;
  /** Shared iptables chains of the plugins that were there before: another CNI user on this host. */
  readonly chainsBefore: readonly string[];
}

const BRIDGES_MAX = 64;

/** Idempotent. A recorded network is kept (pods have addresses from it) unless another subnet is wished. */
export async function ensureNetwork(
  paths: EmbeddedPaths,
  tools: EmbeddedTools,
  options: { readonly rootDir: string; readonly wish: NetworkWish },
): Promise<Result<NetworkRecord, string>> {
  const recorded = await readNetworkRecord(paths);
  const before = recorded ?? (await lookAtHost(tools));
  const bridge = await reserveBridge(tools, bridgeMac(options.rootDir), recorded?.bridge);
  if (!bridge.ok) return bridge;
  const subnet = await chooseSubnet(tools, bridge.value, options.wish.subnet ?? recorded?.subnet);
  if (!subnet.ok) return subnet;
  const record: NetworkRecord = {
    bridge: bridge.value,
    subnet: subnet.value,
    forwardedBefore: before.forwardedBefore,
    chainsBefore: before.chainsBefore,
  };
  // Written before anything uses it: a crash from here on finds its way back to the bridge.
  await writeNetworkFiles(paths, record);
  const isOther = recorded !== undefined && recorded.subnet !== record.subnet;
  const addressed = await addressBridge(tools, record, isOther ? 'replaceAddresses' : 'keepAddresses');
  if (!addressed.ok) return addressed;
  const accepted = await acceptForwarded(tools, record.bridge);
  return accepted.ok ? ok(record) : accepted;
}

export async function readNetworkRecord(paths: EmbeddedPaths): Promise<NetworkRecord | undefined> {
  const text = await readFile(paths.cniState, 'utf8').catch(() => '');
  try {
    return decodeRecord(JSON.parse(text));
  } catch {
    return undefined; // absent or cut short by a crash: choose again
  }
}

/** A locally administered address that stands for the root directory: by it we know our bridge again. */
export function bridgeMac(rootDir: string): string {
  return `02:${rootHash(rootDir).match(/../g)?.join(':')}:01`;
}

/** MAC address of an interface, undefined when there is none of that name. Asks the kernel: /sys may show another name space. */
export async function macOf(tools: EmbeddedTools, name: string): Promise<string | undefined> {
  const shown = await run(tools.ip, ['-o', 'link', 'show', 'dev', name]);
  return shown.ok ? /link\/ether (\S+)/.exec(shown.value)?.[1] : undefined;
}

async function writeNetworkFiles(paths: EmbeddedPaths, record: NetworkRecord): Promise<void> {
  for (const folder of [paths.cniConf, paths.cniAddresses, dirname(paths.cniState)]) {
    await mkdir(folder, { recursive: true, mode: 0o755 });
  }
  await writeFile(paths.cniState, `${JSON.stringify(record)}\n`, { mode: 0o644 });
  const conflist = encodeConfList(record, paths.cniAddresses);
  await writeFile(join(paths.cniConf, '10-solopod.conflist'), conflist, { mode: 0o644 });
}

/** The recorded bridge, or the first free name; the interface exists afterwards and carries our MAC address. */
async function reserveBridge(
  tools: EmbeddedTools,
  mac: string,
  recorded: string | undefined,
): Promise<Result<string, string>> {
  const numbered = Array.from({ length: BRIDGES_MAX }, (_, index) => `solopod${index}`);
  let reason = '';
  for (const name of recorded === undefined ? numbered : [recorded, ...numbered]) {
    if ((await macOf(tools, name)) === mac) return ok(name);
    const added = await run(tools.ip, ['link', 'add', name, 'address', mac, 'type', 'bridge']);
    if (added.ok) return ok(name);
    reason = added.error;
    if ((await macOf(tools, name)) === undefined) break; // not a clash of names: the kernel or our rights say no
  }
  return err(`Cannot make the network bridge for pods: ${reason}`);
}

async function chooseSubnet(
  tools: EmbeddedTools,
  bridge: string,
  wished: string | undefined,
): Promise<Result<string, string>> {
  if (wished !== undefined && checkSubnet(wished) === undefined) {
    return err(`Cannot use ${wished} for pods: it must be an IPv4 network such as 10.213.0.0/24, from /8 to /29`);
  }
  const routes = await ipv4Routes(tools, bridge);
  if (!routes.ok) return routes;
  const subnet = wished ?? pickSubnet(routes.value);
  return subnet === undefined
    ? err('Every /24 of 10.213.0.0/16 is in use on this host: choose a subnet for pods')
    : ok(subnet);
}

async function addressBridge(
  tools: EmbeddedTools,
  network: CniNetwork,
  others: 'keepAddresses' | 'replaceAddresses',
): Promise<Result<void, string>> {
  const { bridge, subnet } = network;
  const address = `${gatewayOf(subnet)}/${prefixLengthOf(subnet)}`;
  const flush = others === 'replaceAddresses' ? [['-4', 'address', 'flush', 'dev', bridge]] : [];
  const steps = [...flush, ['address', 'replace', address, 'dev', bridge], ['link', 'set', bridge, 'up']];
  for (const step of steps) {
    const done = await run(tools.ip, step);
    if (!done.ok) return err(`Cannot give ${address} to bridge ${bridge}: ${done.error}`);
  }
  return ok(undefined);
}

/** Destinations of all IPv4 routes that do not go through the bridge itself; the default route is none. */
async function ipv4Routes(tools: EmbeddedTools, bridge: string): Promise<Result<readonly string[], string>> {
  const listed = await run(tools.ip, ['-4', 'route', 'show', 'table', 'all']);
  if (!listed.ok) return err(`Cannot list the routes of this host: ${listed.error}`);
  const lines = listed.value.split('\n').filter((line) => !line.includes(` dev ${bridge} `));
  return ok(routeNetworks(lines.join('\n')));
}

async function lookAtHost(tools: EmbeddedTools): Promise<Pick<NetworkRecord, 'forwardedBefore' | 'chainsBefore'>> {
  const forward = await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8').catch(() => '1');
  return { forwardedBefore: forward.trim() !== '0', chainsBefore: await sharedChains(tools) };
}

function decodeRecord(value: unknown): NetworkRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { bridge, subnet, forwardedBefore, chainsBefore } = value as Partial<NetworkRecord>;
  if (typeof bridge !== 'string' || typeof subnet !== 'string') return undefined;
  return {
    bridge,
    subnet,
    forwardedBefore: forwardedBefore !== false,
    chainsBefore: Array.isArray(chainsBefore) ? chainsBefore.map(String) : [],
  };
}
