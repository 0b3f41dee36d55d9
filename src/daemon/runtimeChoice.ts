// Which container runtime a runner works with: one that runs already, the one it was told, or one of its own.
import type { Fault } from '../api/fault.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { ensureDefaultNetwork } from '../platform/defaultNetwork.ts';
import { discoverRuntime, socketPathOf } from '../platform/discover.ts';
import { type Embedded, startEmbedded } from '../platform/embedded/embedded.ts';
import { findProgram } from '../platform/embedded/find.ts';
import type { EmbeddedEvent } from '../platform/embedded/supervise.ts';
import type { ImportTarget } from '../platform/imageImport.ts';

export interface ChosenRuntime {
  readonly endpoint: string;
  readonly embedded?: Embedded;
  /** How image archives get into it; undefined where there is no way. */
  readonly importTarget?: ImportTarget;
}

export interface RuntimeWish {
  /** "auto", "embedded" or "unix:///path.sock". */
  readonly runtime: string;
  readonly rootDir: string;
  readonly podCIDR?: string;
  /** Where a network is made for a runtime that is not embedded and has none; absent: nowhere. */
  readonly bridgeIn?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (event: EmbeddedEvent) => void;
}

/** The error says what to do. */
export async function chooseRuntime(wish: RuntimeWish, signal: AbortSignal): Promise<Result<ChosenRuntime, string>> {
  if (wish.runtime === 'embedded') return embedded(wish, signal);
  if (wish.bridgeIn !== undefined) {
    const { podCIDR: subnet } = wish;
    const made = await ensureDefaultNetwork({ directory: wish.bridgeIn, ...(subnet === undefined ? {} : { subnet }) });
    if (!made.ok) return made;
  }
  if (wish.runtime !== 'auto') return ok(existing(wish.runtime, wish.env));
  const found = await discoverRuntime({ env: wish.env });
  return found.ok ? ok(existing(found.value.endpoint, wish.env)) : err(found.error);
}

async function embedded(wish: RuntimeWish, signal: AbortSignal): Promise<Result<ChosenRuntime, string>> {
  const { rootDir, env, report, podCIDR } = wish;
  const network = podCIDR === undefined ? {} : { network: { subnet: podCIDR } };
  const started = await startEmbedded({ rootDir, env, report, ...network }, signal);
  if (!started.ok) return started;
  const { endpoint, importTarget } = started.value;
  return ok({ endpoint, importTarget, embedded: started.value });
}

function existing(endpoint: string, env: NodeJS.ProcessEnv): ChosenRuntime {
  const ctr = findProgram('ctr', (env['PATH'] ?? '').split(':'));
  const socket = socketPathOf(endpoint);
  const isContainerd = socket?.includes('containerd') ?? false;
  return ctr !== undefined && socket !== undefined && isContainerd
    ? { endpoint, importTarget: { ctr, socket } }
    : { endpoint };
}

/** Why nothing can be had from a runtime, in words for a person who has to mend it. */
export function unreachable(endpoint: string, fault: Fault): string {
  return `Cannot reach the container runtime at ${endpoint}: ${fault.message}. Start it, or name another with --runtime`;
}
