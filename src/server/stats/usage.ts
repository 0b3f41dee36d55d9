// Puts together what the runtime counted and which pod it belongs to. Pods without a running container are left out, as in
// the kubelet.
import type { ContainerStatus, Pod } from '../../api/kubernetes.ts';
import type { RunnerPort } from '../../ports/runner.ts';
import type { ContainerUse, NodeUse, SandboxUse } from '../../ports/stats.ts';
import type { Backends } from '../backends.ts';
import { Refusal } from '../route.ts';

export interface ContainerUsage {
  readonly name: string;
  readonly startedAt: string | undefined;
  readonly use: ContainerUse;
}

export interface PodUsage {
  readonly pod: Pod;
  readonly sandbox: SandboxUse | undefined;
  readonly containers: readonly ContainerUsage[];
}

export interface Usage {
  readonly node: NodeUse;
  readonly pods: readonly PodUsage[];
}

/** @throws Refusal 503 when the runtime does not answer */
export async function readUsage(runner: RunnerPort, { stats, nodeUse }: Backends, signal: AbortSignal): Promise<Usage> {
  const [node, containers, sandboxes] = await Promise.all([
    nodeUse(),
    stats.containers(signal),
    stats.sandboxes(signal),
  ]);
  if (!containers.ok)
    throw new Refusal(503, `The container runtime does not tell what containers use: ${containers.error.message}`);
  // Without them there is still what the containers use.
  const ofSandboxes = sandboxes.ok ? sandboxes.value : [];
  const byId = new Map(containers.value.map((use) => [use.id, use]));
  const pods = runner.snapshot().pods.flatMap((pod): readonly PodUsage[] => {
    const { sandboxId, containers: held } = runner.instances(pod.metadata?.uid ?? '');
    const running = held.filter(({ isRunning }) => isRunning);
    const used = running.flatMap(({ id, name }): readonly ContainerUsage[] => {
      const use = byId.get(id);
      return use === undefined ? [] : [{ name, startedAt: statusOf(pod, name)?.state?.running?.startedAt, use }];
    });
    if (used.length === 0) return [];
    return [{ pod, sandbox: ofSandboxes.find(({ id }) => id === sandboxId), containers: used }];
  });
  return { node, pods };
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find((status) => status.name === name);
}

/** What the pod uses: counted by the runtime, or else the sum over its containers. */
export function podCpu({ sandbox, containers }: PodUsage): ContainerUse['cpu'] {
  return sandbox?.cpu?.coreNanoSeconds === undefined
    ? sum(
        containers.map(({ use }) => use.cpu),
        ['coreNanoSeconds', 'nanoCores'],
      )
    : sandbox.cpu;
}

export function podMemory({ sandbox, containers }: PodUsage): ContainerUse['memory'] {
  return sandbox?.memory?.workingSetBytes === undefined
    ? sum(
        containers.map(({ use }) => use.memory),
        ['workingSetBytes', 'usageBytes', 'rssBytes', 'pageFaults', 'majorPageFaults'],
      )
    : sandbox.memory;
}

/** A part that one of them lacks is unknown for the sum. */
function sum<T extends { readonly at: number }>(
  parts: readonly (T | undefined)[],
  names: readonly (keyof T)[],
): T | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [first] = known;
  if (first === undefined) return undefined;
  const totals = names.flatMap((name) => {
    const values = known.map((part) => part[name]);
    return values.every((value) => typeof value === 'number') ? [[name, values.reduce((a, b) => a + b, 0)]] : [];
  });
  return { at: Math.max(...known.map(({ at }) => at)), ...Object.fromEntries(totals) } as T;
}
