// A network for pods on a runtime that is not ours and has none: a bridge with addresses of its own, as one CNI file.
// Asked for by the configuration (podNetwork: bridge). What is there is never touched: any network is better than ours.
import { link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../lib/result.ts';
import { checkSubnet, encodeConfList, pickSubnet, routeNetworks } from './embedded/cniConfig.ts';
import { run } from './run.ts';

export interface DefaultNetworkOptions {
  /** Where the runtime looks for networks. */
  readonly directory: string;
  /** IPv4 network; absent: a free one. */
  readonly subnet?: string;
  /** Tests say which networks the host has. */
  readonly routes?: () => Promise<Result<string, string>>;
}

export type DefaultNetwork =
  | { readonly kind: 'written'; readonly file: string; readonly subnet: string }
  /** There is a network already. */
  | { readonly kind: 'present'; readonly file: string };

const FILE = '10-solopod.conflist';
const BRIDGE = 'solopod-cni0';
/** Where host-local keeps addresses unless it is told otherwise. */
const ADDRESSES = '/var/lib/cni/networks';
/** What runtimes take for a network. */
const NETWORK_FILE = /\.(conf|conflist|json)$/;

export async function ensureDefaultNetwork(options: DefaultNetworkOptions): Promise<Result<DefaultNetwork, string>> {
  const { directory, subnet: wished, routes = listRoutes } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    const [present] = (await readdir(directory)).filter((name) => NETWORK_FILE.test(name)).toSorted();
    if (present !== undefined) return ok({ kind: 'present', file: join(directory, present) });
    const listed = await routes();
    if (!listed.ok) return err(`Cannot list the routes of this host: ${listed.error}`);
    const subnet = wished === undefined ? pickSubnet(routeNetworks(listed.value)) : checkSubnet(wished);
    if (subnet === undefined) return err('Cannot find a free network for pods: choose one (podCIDR)');
    const file = join(directory, FILE);
    await writeOnce(file, encodeConfList({ bridge: BRIDGE, subnet }, ADDRESSES));
    return ok({ kind: 'written', file, subnet });
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    return err(`Cannot write a network for pods into ${directory}: ${cause.message}`);
  }
}

function listRoutes(): Promise<Result<string, string>> {
  return run('ip', ['-4', 'route', 'show', 'table', 'all']);
}

/** Whole or not at all, and never over another file. */
async function writeOnce(file: string, text: string): Promise<void> {
  const temporary = `${file}.new-${process.pid}`;
  await writeFile(temporary, text, { mode: 0o644, flag: 'wx' });
  try {
    await link(temporary, file);
  } finally {
    await rm(temporary);
  }
}
