// `status -w`: the table once, then a row for each pod that changed, as `kubectl get -w` appends them.

import type { Pod } from '../../api/kubernetes.ts';
import { printable } from '../../manifest/format.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { podKey } from '../../server/selectPods.ts';
import { choosePods } from '../chosenPods.ts';
import { watchSnapshots } from '../client.ts';
import { fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { formatJson, formatTable, formatYaml } from '../output.ts';
import { type StatusQuery, tableOptions } from './query.ts';
import { noteOf, rowFacts, type TableOptions, tableHeader, tableRow } from './rows.ts';

export interface Watched {
  readonly socketPath: string;
  readonly query: StatusQuery;
}

export async function watchStatus(io: Io, { socketPath, query }: Watched): Promise<number> {
  const interrupted = io.interrupted();
  const printer = rowPrinter(io, query);
  const seen = new Map<string, string>();
  for await (const snapshot of watchSnapshots(socketPath, interrupted)) {
    if (!snapshot.ok) return fail(io, snapshot.error);
    const pods = choosePods(snapshot.value, query);
    // A named pod that is not there is an error at first; later it has merely gone.
    if (!pods.ok && seen.size === 0) return fail(io, pods.error);
    const changed = (pods.ok ? pods.value : []).filter((pod) => isNews(seen, pod, snapshot.value));
    await printer(changed, snapshot.value);
  }
  return EXIT.interrupted;
}

function isNews(seen: Map<string, string>, pod: Pod, snapshot: RunnerSnapshot): boolean {
  const key = podKey(pod);
  const facts = rowFacts(pod, noteOf(pod, snapshot));
  if (seen.get(key) === facts) return false;
  seen.set(key, facts);
  return true;
}

type Printer = (pods: readonly Pod[], snapshot: RunnerSnapshot) => Promise<void>;

function rowPrinter(io: Io, query: StatusQuery): Printer {
  switch (query.format) {
    case 'json':
      return async (pods) => io.out(pods.map((pod) => formatJson({ apiVersion: 'v1', kind: 'Pod', ...pod })).join(''));
    case 'yaml':
      return async (pods) => {
        for (const pod of pods) io.out(`---\n${await formatYaml({ apiVersion: 'v1', kind: 'Pod', ...pod })}`);
      };
    case 'name':
      return async (pods) => io.out(pods.map((pod) => `pod/${printable(pod.metadata?.name ?? '')}\n`).join(''));
    case 'keys':
      return async (pods) =>
        io.out(pods.map((pod) => `${printable(podKey(pod).replace(/^default\//, ''))}\n`).join(''));
    case 'jsonpath':
      return async (pods) => io.out(pods.map((pod) => `${printable(query.template?.(pod) ?? '')}\n`).join(''));
    case 'table':
    case 'wide':
    case 'full':
      return tablePrinter(io, query);
  }
}

/** The columns are decided by the first pods; widths only grow. */
function tablePrinter(io: Io, query: StatusQuery): Printer {
  const widths: number[] = [];
  let columns: Omit<TableOptions, 'now'> | undefined;
  return async (pods, snapshot) => {
    if (pods.length === 0) return;
    const now = io.now();
    const header = columns === undefined;
    columns ??= tableOptions(query, { pods, now });
    const options = { ...columns, now };
    const rows = pods.map((pod) => tableRow(pod, noteOf(pod, snapshot), options));
    io.out(formatTable(header ? [tableHeader(options), ...rows] : rows, { colour: io.colour, widths }));
  };
}
