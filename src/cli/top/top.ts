// `top`: what pods, containers or the node use now. The CPU is counted between two looks a moment apart, so that it is
// the present and not the average since the start.
import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../../lib/result.ts';
import { callRunner } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { formatTable } from '../output.ts';
import { socketPath } from '../settings.ts';

/** Long enough for a runtime to count anew. */
const SPAN_MS = 1_000;
const MIB = 1024 * 1024;

export interface TopQuery {
  readonly of: 'pods' | 'node';
  readonly containers: boolean;
  readonly namespace?: string;
}

interface Use {
  readonly time?: string;
  readonly usageCoreNanoSeconds?: number;
  readonly workingSetBytes?: number;
}
interface Part {
  readonly cpu?: Use;
  readonly memory?: Use;
}
export interface Summary {
  readonly node: Part & { readonly nodeName: string };
  readonly pods: readonly (Part & {
    readonly podRef: { readonly name: string; readonly namespace: string; readonly uid: string };
    readonly containers: readonly (Part & { readonly name: string })[];
  })[];
}

export async function top(cli: Cli, query: TopQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const before = await readSummary(socket.value);
  if (!before.ok) return fail(io, before.error);
  const begun = performance.now();
  await sleep(SPAN_MS, undefined, { signal: io.interrupted() }).catch(() => undefined);
  const after = await readSummary(socket.value);
  if (!after.ok) return fail(io, after.error);
  const rows = topRows(query, {
    before: before.value,
    after: after.value,
    seconds: (performance.now() - begun) / 1000,
  });
  if (rows.length === 1) io.err('No pods are running.\n');
  else
    io.out(
      formatTable(
        rows.map((row) => row.map((text) => ({ text }))),
        { colour: io.colour },
      ),
    );
  return EXIT.done;
}

async function readSummary(socket: string): Promise<Result<Summary, Failure>> {
  const answer = await callRunner(socket, { method: 'GET', path: '/stats/summary?only_cpu_and_memory=true' });
  if (!answer.ok) return answer;
  if (isSummary(answer.value)) return ok(answer.value);
  return err({ exitCode: EXIT.unreachable, message: 'The runner tells nothing of what pods use' });
}

/** Both ends are the same program. */
function isSummary(value: unknown): value is Summary {
  return typeof value === 'object' && value !== null && 'node' in value && 'pods' in value && Array.isArray(value.pods);
}

export interface Looks {
  readonly before: Summary;
  readonly after: Summary;
  /** Between them. */
  readonly seconds: number;
}

/** Header and rows. */
export function topRows(query: TopQuery, looks: Looks): readonly (readonly string[])[] {
  const { before, after, seconds } = looks;
  if (query.of === 'node') {
    const row = [after.node.nodeName, cores(before.node, after.node, seconds), memory(after.node)];
    return [['NAME', 'CPU(cores)', 'MEMORY(bytes)'], row];
  }
  const pods = after.pods.filter(({ podRef }) => query.namespace === undefined || podRef.namespace === query.namespace);
  const showNamespace = new Set(pods.map(({ podRef }) => podRef.namespace)).size > 1;
  const lead = (names: readonly string[], namespace: string) => (showNamespace ? [namespace, ...names] : names);
  const titles = query.containers ? ['POD', 'NAME'] : ['NAME'];
  const header = [...(showNamespace ? ['NAMESPACE'] : []), ...titles, 'CPU(cores)', 'MEMORY(bytes)'];
  const rows = pods.flatMap((pod) => {
    const old = before.pods.find(({ podRef }) => podRef.uid === pod.podRef.uid);
    const { name, namespace } = pod.podRef;
    if (!query.containers) return [[...lead([name], namespace), cores(old, pod, seconds), memory(pod)]];
    return pod.containers.map((container) => {
      const was = old?.containers.find((one) => one.name === container.name);
      return [...lead([name, container.name], namespace), cores(was, container, seconds), memory(container)];
    });
  });
  return [header, ...rows];
}

/** Thousandths of a core; unknown for what was not there before, or was started anew. */
function cores(before: Part | undefined, after: Part, seconds: number): string {
  const [from, to] = [before?.cpu?.usageCoreNanoSeconds, after.cpu?.usageCoreNanoSeconds];
  if (from === undefined || to === undefined || to < from || seconds <= 0) return '<unknown>';
  return `${Math.ceil((to - from) / seconds / 1e6)}m`;
}

function memory({ memory: use }: Part): string {
  return use?.workingSetBytes === undefined ? '<unknown>' : `${Math.ceil(use.workingSetBytes / MIB)}Mi`;
}
