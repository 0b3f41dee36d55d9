// Takes the rules of one CNI network out of iptables, for pods that the plugins could not tear down any more, and the
// plugins' shared chains once nobody uses them. Rules of other networks stay. The plan is pure; one atomic restore runs it.
// Names of chains and comments: CNI plugins bridge (ip.SetupIPMasq) and portmap (chain.go).
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { run, runWithInput } from '../run.ts';
import type { EmbeddedTools } from './find.ts';

export interface RulesOfNetwork {
  /** Name of the CNI network, which stands in every comment. */
  readonly bridge: string;
  /** Shared chains that another CNI user had made before this network came. */
  readonly chainsBefore: readonly string[];
}

/** Chains of the nat table that portmap makes once per host and never removes. */
const SHARED_CHAINS = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ'];
const WAIT_SECONDS = '5';

/**
 * Lets packets of the bridge through where the host drops forwarded ones by default, as Docker arranges it: all from
 * pods, and to pods what answers them or comes through a host port. Idempotent.
 */
export async function acceptForwarded(tools: EmbeddedTools, bridge: string): Promise<Result<void, string>> {
  const policy = await run(tools.iptables, ['-w', WAIT_SECONDS, '-S', 'FORWARD']);
  if (!policy.ok || !/^-P FORWARD DROP/m.test(policy.value)) return ok(undefined);
  const comment = ['-m', 'comment', '--comment', `name: "${bridge}" id: "forward"`, '-j', 'ACCEPT'];
  const wanted = [
    ['-i', bridge, ...comment],
    ['-o', bridge, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED,DNAT', ...comment],
  ];
  for (const rule of wanted) {
    const there = await run(tools.iptables, ['-w', WAIT_SECONDS, '-C', 'FORWARD', ...rule]);
    if (there.ok) continue;
    const added = await run(tools.iptables, ['-w', WAIT_SECONDS, '-I', 'FORWARD', ...rule]);
    if (!added.ok) return err(`Cannot let packets of ${bridge} through: ${added.error}`);
  }
  return ok(undefined);
}

/** Shared chains that exist on this host now. */
export async function sharedChains(tools: EmbeddedTools): Promise<readonly string[]> {
  const saved = await run(tools.iptablesSave, ['-t', 'nat']);
  return saved.ok ? SHARED_CHAINS.filter((chain) => saved.value.includes(`\n:${chain} `)) : [];
}

/** Idempotent. @returns one sentence per table that could not be cleaned */
export async function removeRules(tools: EmbeddedTools, network: RulesOfNetwork): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const table of ['nat', 'filter']) {
    const saved = await run(tools.iptablesSave, ['-t', table]);
    if (!saved.ok) {
      problems.push(`Cannot list the ${table} rules: ${saved.error}`);
      continue;
    }
    const input = planRemoval(saved.value, network);
    if (input === undefined) continue;
    const restore = join(dirname(tools.iptables), 'iptables-restore');
    const restored = await runWithInput(restore, ['--noflush', '--wait', WAIT_SECONDS], { input });
    if (!restored.ok) problems.push(`Cannot remove ${table} rules of ${network.bridge}: ${restored.error}`);
  }
  return problems;
}

/** Input for iptables-restore, undefined when there is nothing to remove. @param saved output of iptables-save for one table */
export function planRemoval(saved: string, network: RulesOfNetwork): string | undefined {
  const lines = saved.split('\n');
  const table = lines.find((line) => line.startsWith('*'));
  const rules = lines.filter((line) => line.startsWith('-A '));
  const chains = lines.flatMap((line) => /^:(\S+) /.exec(line)?.[1] ?? []);
  const own = rules.filter((rule) => rule.includes(`name: \\"${network.bridge}\\" id: `));
  const ownChains = new Set(own.map(targetOf).filter((target) => /^CNI-(DN-)?[0-9a-f]+$/.test(target)));
  const left = rules.filter((rule) => !own.includes(rule) && !ownChains.has(chainOf(rule)));
  const gone = [...ownChains, ...unusedChains({ chains, left, network })];
  if (table === undefined || (own.length === 0 && gone.length === 0)) return undefined;
  const jumps = left.filter((rule) => gone.includes(targetOf(rule)));
  const deletions = [...own, ...jumps].filter((rule) => !gone.includes(chainOf(rule)));
  return [
    table,
    ...deletions.map((rule) => rule.replace(/^-A/, '-D')),
    ...gone.map((chain) => `-F ${chain}`),
    ...gone.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n');
}

/** The shared chains, when they are there, nobody's port is mapped any more and nobody had them before us. */
function unusedChains(facts: {
  readonly chains: readonly string[];
  readonly left: readonly string[];
  readonly network: RulesOfNetwork;
}): readonly string[] {
  const isUsed = facts.left.some((rule) => chainOf(rule) === 'CNI-HOSTPORT-DNAT');
  if (isUsed || facts.network.chainsBefore.length > 0) return [];
  return SHARED_CHAINS.filter((chain) => facts.chains.includes(chain));
}

function chainOf(rule: string): string {
  return rule.split(' ')[1] ?? '';
}

function targetOf(rule: string): string {
  return / -j (\S+)/.exec(rule)?.[1] ?? '';
}
