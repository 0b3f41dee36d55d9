// `--runtime auto`: finds a container runtime that runs on this host and answers on its socket.
// It looks and never starts anything. Which sockets: where containerd, CRI-O and k3s put them, and what crictl is told.
import { readFile } from 'node:fs/promises';
import { err, ok, type Result } from '../lib/result.ts';
import { askSocket } from './unixSocket.ts';

export interface DiscoveredRuntime {
  /** "unix:///run/containerd/containerd.sock" */
  readonly endpoint: string;
  /** Who named it, for the log: "CONTAINER_RUNTIME_ENDPOINT", "/etc/crictl.yaml" or "usual place". */
  readonly origin: string;
}

export interface DiscoverOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Where a node's crictl is configured; default /etc/crictl.yaml. */
  readonly crictlConfig?: string;
  /** Sockets to try, in this order; default: the usual places. */
  readonly usualSockets?: readonly string[];
  /** Docker's packages switch CRI off here; default /etc/containerd/config.toml. */
  readonly containerdConfig?: string;
}

const HOST_CONTAINERD = '/run/containerd/containerd.sock';
const USUAL_SOCKETS = [
  HOST_CONTAINERD,
  '/run/crio/crio.sock',
  '/var/run/containerd/containerd.sock',
  '/var/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
];

/** @returns the first that answers, or what was tried and what to do. An endpoint that was named must answer: no other is taken */
export async function discoverRuntime(options: DiscoverOptions): Promise<Result<DiscoveredRuntime, string>> {
  const named = await namedEndpoint(options);
  if (named !== undefined) return tryNamed(named);
  const tried: string[] = [];
  for (const socket of options.usualSockets ?? USUAL_SOCKETS) {
    const answer = await askSocket(socket);
    const problem = answer === 'answers' ? await criProblem(socket, options) : answer;
    if (problem === undefined) return ok({ endpoint: `unix://${socket}`, origin: 'usual place' });
    if (problem !== 'does not exist') tried.push(`${socket}: ${problem}`);
  }
  return err(notFoundMessage(tried));
}

/** Path of a unix endpoint ("unix:///a", "unix:/a" or "/a"), undefined for any other kind. */
export function socketPathOf(endpoint: string): string | undefined {
  return /^(?:unix:(?:\/\/)?)?(\/.+)$/.exec(endpoint)?.[1];
}

async function namedEndpoint(options: DiscoverOptions): Promise<DiscoveredRuntime | undefined> {
  const fromEnv = options.env['CONTAINER_RUNTIME_ENDPOINT'];
  if (fromEnv !== undefined && fromEnv !== '') return { endpoint: fromEnv, origin: 'CONTAINER_RUNTIME_ENDPOINT' };
  const path = options.crictlConfig ?? '/etc/crictl.yaml';
  const text = await readFile(path, 'utf8').catch(() => '');
  const fromCrictl = /^runtime-endpoint:\s*["']?([^"'\s#]+)/m.exec(text)?.[1];
  return fromCrictl === undefined ? undefined : { endpoint: fromCrictl, origin: path };
}

async function tryNamed(named: DiscoveredRuntime): Promise<Result<DiscoveredRuntime, string>> {
  const socket = socketPathOf(named.endpoint);
  if (socket === undefined) {
    return err(`Cannot use the runtime "${named.endpoint}" (from ${named.origin}): it must be unix:///path/to.sock`);
  }
  const answer = await askSocket(socket);
  if (answer === 'answers') return ok({ endpoint: `unix://${socket}`, origin: named.origin });
  return err(
    `Cannot reach the runtime ${socket} (from ${named.origin}): ${answer}. ` +
      'Start it, name another with --runtime unix:///path.sock, or use --runtime embedded',
  );
}

/** Why a containerd that answers is of no use: as packaged for Docker it serves no CRI. */
async function criProblem(socket: string, options: DiscoverOptions): Promise<string | undefined> {
  if (!socket.endsWith('/run/containerd/containerd.sock')) return undefined;
  const path = options.containerdConfig ?? '/etc/containerd/config.toml';
  const config = await readFile(path, 'utf8').catch(() => '');
  const disabled = /^\s*disabled_plugins\s*=\s*\[([^\]]*)\]/m.exec(config)?.[1] ?? '';
  if (!/["'](cri|io\.containerd\.grpc\.v1\.cri)["']/.test(disabled)) return undefined;
  return `its CRI plugin is switched off in ${path} (disabled_plugins)`;
}

function notFoundMessage(tried: readonly string[]): string {
  const seen = tried.length === 0 ? 'no socket of containerd, CRI-O or k3s exists' : tried.join('; ');
  return [
    `No container runtime answers on this machine: ${seen}. One of these helps:`,
    '--runtime embedded      solopod runs its own containerd (as root; needs the packages containerd and containernetworking-plugins)',
    'systemctl start containerd    (or crio), where it is installed but not running',
    '--runtime unix:///path.sock   names a runtime elsewhere',
  ].join('\n  ');
}
