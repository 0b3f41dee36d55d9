// Takes the rules of one CNI network out of iptables, for pods that the plugins could not tear down any more, and the
// plugins' shared chains once nobody uses them. Rules of other networks stay. The plan is pure; one atomic restore runs it.
// Names of chains and comments: CNI plugins bridge (ip.SetupIPMasq), portmap (chain.go) and firewall (iptables.go).
import { dirname, join } from 'node:path';
import { run, runWithInput } from '../run.ts';
import { subnetHolds } from './cniConfig.ts';
import type { EmbeddedTools } from './find.ts';

export interface RulesOfNetwork {
  /** Name of the CNI network, which stands in every comment. */
  readonly bridge: string;
  readonly subnet: string;
  /** Shared chains that another CNI user had made before this network came. */
  readonly chainsBefore: readonly string[];
}

/** Chains that the plugins make once per host and never remove. */
export const SHARED_CHAINS = {
  nat: ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ'],
  filter: ['CNI-FORWARD', 'CNI-ADMIN'],
} as const;
type Table = keyof typeof SHARED_CHAINS;
const TABLES: readonly Table[] = ['nat', 'filter'];

/** Idempotent. @returns one sentence per table that could not be cleaned */
export async function removeRules(tools: EmbeddedTools, network: RulesOfNetwork): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const table of TABLES) {
    const saved = await run(tools.iptablesSave, ['-t', table]);
    if (!saved.ok) {
      problems.push(`Cannot list the ${table} rules: ${saved.error}`);
      continue;
    }
    const input = planRemoval(saved.value, { table, network });
    if (input === undefined) continue;
    const restore = join(dirname(tools.iptables), 'iptables-restore');
    const restored = await runWithInput(restore, ['--noflush', '--wait', '5'], { input });
    if (!restored.ok) problems.push(`Cannot remove ${table} rules of ${network.bridge}: ${restored.error}`);
  }
  return problems;
}

/** Shared chains that exist on this host now. */
export async function sharedChains(tools: EmbeddedTools): Promise<readonly string[]> {
  const chains: string[] = [];
  for (const table of TABLES) {
    const saved = await run(tools.iptablesSave, ['-t', table]);
    if (saved.ok) chains.push(...SHARED_CHAINS[table].filter((chain) => saved.value.includes(`\n:${chain} `)));
  }
  return chains;
}

/** Input for iptables-restore, undefined when there is nothing to remove. @param saved output of iptables-save for the table */
export function planRemoval(
  saved: string,
  { table, network }: { readonly table: Table; readonly network: RulesOfNetwork },
): string | undefined {
  const lines = saved.split('\n');
  const rules = lines.filter((line) => line.startsWith('-A '));
  const chains = lines.flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? []);
  const own = rules.filter((rule) => isOwnRule(rule, network));
  const ownChains = new Set(own.flatMap((rule) => (isSharedChain(table, targetOf(rule)) ? [] : ownChain(rule))));
  const left = rules.filter((rule) => !own.includes(rule) && !ownChains.has(chainOf(rule)));
  const unused = isUnused(table, left) ? SHARED_CHAINS[table].filter((chain) => chains.includes(chain)) : [];
  const removable = unused.some((chain) => network.chainsBefore.includes(chain)) ? [] : unused;
  const gone = [...ownChains, ...removable];
  if (own.length === 0 && gone.length === 0) return undefined;
  const jumps = left.filter((rule) => removable.some((chain) => chain === targetOf(rule)));
  const deletions = [...own, ...jumps].filter((rule) => !gone.includes(chainOf(rule)));
  return [
    `*${table}`,
    ...deletions.map((rule) => rule.replace(/^-A/, '-D')),
    ...gone.map((chain) => `-F ${chain}`),
    ...gone.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n');
}

function isOwnRule(rule: string, network: RulesOfNetwork): boolean {
  if (rule.includes(`name: \\"${network.bridge}\\" id: `)) return true;
  // The firewall plugin writes no comment; an address of our subnet names the rule's owner.
  const address = /^-A CNI-FORWARD -[sd] (\d+\.\d+\.\d+\.\d+)\/32 /.exec(rule)?.[1];
  return address !== undefined && subnetHolds(network.subnet, address);
}

/** Nobody's ports are mapped, nobody's addresses accepted: what is left in the shared chains is only their frame. */
function isUnused(table: Table, left: readonly string[]): boolean {
  if (table === 'nat') return !left.some((rule) => chainOf(rule) === 'CNI-HOSTPORT-DNAT');
  const inside = left.filter((rule) => isSharedChain(table, chainOf(rule)));
  return inside.every((rule) => targetOf(rule) === 'CNI-ADMIN');
}

function ownChain(rule: string): readonly string[] {
  const target = targetOf(rule);
  return /^CNI-(DN-)?[0-9a-f]+$/.test(target) ? [target] : [];
}

function isSharedChain(table: Table, chain: string): boolean {
  return SHARED_CHAINS[table].some((name) => name === chain);
}

function chainOf(rule: string): string {
  return rule.split(' ')[1] ?? '';
}

function targetOf(rule: string): string {
  return / -j (\S+)/.exec(rule)?.[1] ?? '';
}
