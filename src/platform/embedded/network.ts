// Makes the host side of the embedded network: a bridge that is provably ours, a free subnet, the CNI configuration.
// The bridge is made before the first pod, so that a second runner on the host sees name and subnet as taken.
// Running CNI plugins is containerd's business (inside RunPodSandbox), never ours.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { run } from '../run.ts';
import { type CniNetwork, checkSubnet, encodeConfList, gatewayOf, pickSubnet, prefixLengthOf } from './cniConfig.ts';
import type { EmbeddedTools } from './find.ts';
import { sharedChains } from './iptables.ts';
import { type EmbeddedPaths, rootHash } from './paths.ts';

export interface NetworkWish {
  /** Interface name, at most 15 characters; default: the first free of solopod0, solopod1, … */
  readonly bridge?: string;
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

/** Idempotent. A recorded network is kept (pods have addresses from it) as long as its bridge is ours or absent. */
export async function ensureNetwork(
  paths: EmbeddedPaths,
  tools: EmbeddedTools,
  options: { readonly rootDir: string; readonly wish: NetworkWish },
): Promise<Result<NetworkRecord, string>> {
  const mac = bridgeMac(options.rootDir);
  const recorded = await readNetworkRecord(paths);
  const wish = recorded === undefined ? options.wish : keepUnlessWished(recorded, options.wish);
  const network = await reserve(tools, wish, mac);
  if (!network.ok) return network;
  const before = recorded ?? (await lookAtHost(tools));
  const record: NetworkRecord = {
    ...network.value,
    acceptForwarded: recorded?.acceptForwarded === true || (await forwardIsDropped(tools)),
    forwardedBefore: before.forwardedBefore,
    chainsBefore: before.chainsBefore,
  };
  await mkdir(paths.cniConf, { recursive: true, mode: 0o755 });
  await mkdir(paths.cniAddresses, { recursive: true, mode: 0o755 });
  await mkdir(dirname(paths.cniState), { recursive: true, mode: 0o755 });
  await writeFile(paths.cniState, `${JSON.stringify(record)}\n`, { mode: 0o644 });
  await writeFile(join(paths.cniConf, '10-solopod.conflist'), encodeConfList(record, paths.cniAddresses), {
    mode: 0o644,
  });
  return ok(record);
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

/** MAC address of an interface, undefined when there is none of that name. */
export async function macOf(name: string): Promise<string | undefined> {
  return (await readFile(`/sys/class/net/${name}/address`, 'utf8').catch(() => '')).trim() || undefined;
}

function keepUnlessWished(recorded: CniNetwork, wish: NetworkWish): NetworkWish {
  return { bridge: wish.bridge ?? recorded.bridge, subnet: wish.subnet ?? recorded.subnet };
}

async function reserve(
  tools: EmbeddedTools,
  wish: NetworkWish,
  mac: string,
): Promise<Result<Pick<CniNetwork, 'bridge' | 'subnet'>, string>> {
  if (wish.subnet !== undefined && checkSubnet(wish.subnet) === undefined) {
    return err(`Cannot use ${wish.subnet} for pods: it must be an IPv4 network such as 10.213.0.0/24, from /8 to /29`);
  }
  const bridge = await reserveBridge(tools, wish.bridge, mac);
  if (!bridge.ok) return bridge;
  const routes = await ipv4Routes(tools, bridge.value);
  if (!routes.ok) return routes;
  const subnet = wish.subnet ?? pickSubnet(routes.value);
  if (subnet === undefined) return err('Every /24 of 10.213.0.0/16 is in use on this host: choose a subnet for pods');
  const address = `${gatewayOf(subnet)}/${prefixLengthOf(subnet)}`;
  const steps = [
    ['address', 'replace', address, 'dev', bridge.value],
    ['link', 'set', bridge.value, 'up'],
  ];
  for (const step of steps) {
    const done = await run(tools.ip, step);
    if (!done.ok) return err(`Cannot give ${address} to bridge ${bridge.value}: ${done.error}`);
  }
  return ok({ bridge: bridge.value, subnet });
}

async function reserveBridge(
  tools: EmbeddedTools,
  wished: string | undefined,
  mac: string,
): Promise<Result<string, string>> {
  let reason = '';
  for (const name of bridgeNames(wished)) {
    if ((await macOf(name)) === mac) return ok(name);
    const added = await run(tools.ip, ['link', 'add', name, 'address', mac, 'type', 'bridge']);
    if (added.ok) return ok(name);
    reason = added.error;
    if ((await macOf(name)) === undefined) break; // not a clash of names: the kernel or our rights say no
  }
  return err(`Cannot make the network bridge for pods: ${reason}`);
}

function bridgeNames(wished: string | undefined): readonly string[] {
  const numbered = Array.from({ length: BRIDGES_MAX }, (_, index) => `solopod${index}`);
  if (wished === undefined) return numbered;
  return numbered.includes(wished) ? [wished, ...numbered.filter((name) => name !== wished)] : [wished];
}

/** Destinations of all IPv4 routes that do not go through the bridge itself; the default route is none. */
async function ipv4Routes(tools: EmbeddedTools, bridge: string): Promise<Result<readonly string[], string>> {
  const listed = await run(tools.ip, ['-4', 'route', 'show', 'table', 'all']);
  if (!listed.ok) return err(`Cannot list the routes of this host: ${listed.error}`);
  const lines = listed.value.split('\n').filter((line) => !line.includes(` dev ${bridge} `));
  return ok(lines.flatMap((line) => /(?:^|\s)(\d+\.\d+\.\d+\.\d+(?:\/\d+)?)(?:\s|$)/.exec(line)?.[1] ?? []));
}

async function lookAtHost(tools: EmbeddedTools): Promise<Pick<NetworkRecord, 'forwardedBefore' | 'chainsBefore'>> {
  const forward = await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8').catch(() => '1');
  return { forwardedBefore: forward.trim() !== '0', chainsBefore: await sharedChains(tools) };
}

async function forwardIsDropped(tools: EmbeddedTools): Promise<boolean> {
  const rules = await run(tools.iptables, ['-w', '5', '-S', 'FORWARD']);
  return rules.ok && /^-P FORWARD (DROP|REJECT)/m.test(rules.value);
}

function decodeRecord(value: unknown): NetworkRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { bridge, subnet, acceptForwarded, forwardedBefore, chainsBefore } = value as Partial<NetworkRecord>;
  if (typeof bridge !== 'string' || typeof subnet !== 'string') return undefined;
  return {
    bridge,
    subnet,
    acceptForwarded: acceptForwarded === true,
    forwardedBefore: forwardedBefore !== false,
    chainsBefore: Array.isArray(chainsBefore) ? chainsBefore.map(String) : [],
  };
}
