// What `status` does: asks the runner, picks the pods that are meant and prints them in the wanted form.

import type { Pod } from '../../api/kubernetes.ts';
import { printable } from '../../manifest/format.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { podList } from '../../server/routes/pods.ts';
import { podKey } from '../../server/selectPods.ts';
import { choosePods } from '../chosenPods.ts';
import { readSnapshot } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { formatJson, formatTable, formatYaml } from '../output.ts';
import { socketPath } from '../settings.ts';
import { allAsDesired, attentionLines } from './attention.ts';
import { formatDetail } from './detail.ts';
import { readLastWords } from './lastWords.ts';
import { type StatusQuery, tableOptions } from './query.ts';
import { noteOf, tableHeader, tableRow } from './rows.ts';
import { watchStatus } from './watch.ts';

export async function showStatus(cli: Cli, query: StatusQuery): Promise<number> {
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(cli.io, socket.error);
  if (query.watch) return watchStatus(cli.io, { socketPath: socket.value, query });
  const snapshot = await readSnapshot(socket.value);
  if (!snapshot.ok) return fail(cli.io, snapshot.error);
  const pods = choosePods(snapshot.value, query);
  if (!pods.ok) return fail(cli.io, pods.error);
  await print(cli.io, { query, snapshot: snapshot.value, pods: pods.value, socketPath: socket.value });
  if (!query.check) return EXIT.done;
  return allAsDesired(snapshot.value, pods.value) ? EXIT.done : EXIT.notAsDesired;
}

interface View {
  readonly query: StatusQuery;
  readonly snapshot: RunnerSnapshot;
  readonly pods: readonly Pod[];
  readonly socketPath: string;
}

async function print(io: Io, view: View): Promise<void> {
  const { query, pods } = view;
  switch (query.format) {
    case 'json':
      return io.out(formatJson(asObject(view)));
    case 'yaml':
      return io.out(await formatYaml(asObject(view)));
    case 'name':
      return io.out(pods.map((pod) => `pod/${printable(pod.metadata?.name ?? '')}\n`).join(''));
    case 'keys':
      return io.out(pods.map((pod) => `${printable(podKey(pod).replace(/^default\//, ''))}\n`).join(''));
    case 'jsonpath':
      // What comes from outside may be in it; scripts want it as it is, terminals must not be steered by it.
      return io.out(forReader(io, query.template?.(asObject(view)) ?? ''));
    case 'full':
      return io.out((await Promise.all(pods.map((pod) => inFull(io, view, pod)))).join('\n'));
    case 'table':
    case 'wide':
      return printTable(io, view);
  }
}

async function inFull(io: Io, { snapshot, socketPath: socket }: View, pod: Pod): Promise<string> {
  const lastWords = await readLastWords(socket, pod);
  return formatDetail(pod, snapshot, { now: io.now(), colour: io.colour, lastWords });
}

function forReader(io: Io, text: string): string {
  return io.outIsTerminal ? text.split('\n').map(printable).join('\n') : text;
}

/** What /pods gives; a single pod that was named is given by itself, as kubectl does. */
function asObject({ query, pods }: View): unknown {
  const [pod] = pods;
  return query.names.length === 1 && pod !== undefined ? { apiVersion: 'v1', kind: 'Pod', ...pod } : podList(pods);
}

function printTable(io: Io, { query, snapshot, pods }: View): void {
  const now = io.now();
  const options = tableOptions(query, { pods, now });
  const rows = pods.map((pod) => tableRow(pod, noteOf(pod, snapshot), options));
  if (rows.length > 0) io.out(formatTable([tableHeader(options), ...rows], { colour: io.colour }));
  else io.err(`No pods${query.namespace === undefined ? '' : ` in namespace ${printable(query.namespace)}`}.\n`);
  const lines = attentionLines(snapshot, { pods, now });
  if (lines.length > 0) io.out(`${rows.length > 0 ? '\n' : ''}${lines.join('\n')}\n`);
}
