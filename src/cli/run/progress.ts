// What `run` shows a person while pods come up: a line for each change, then, once everything is as it should be, the
// table and the addresses to try.
import type { Pod } from '../../api/kubernetes.ts';
import type { PodNote, RunnerPort, RunnerSnapshot } from '../../ports/runner.ts';
import { displayPod } from '../../status/display.ts';
import type { Io } from '../io.ts';
import { type Cell, formatTable } from '../output.ts';
import { allAsDesired, attentionLines } from '../status/attention.ts';
import { noteOf, type TableOptions, tableHeader, tableRow } from '../status/rows.ts';
import { createPullNews } from './pullNews.ts';

/** A runtime and sources that have not answered are no trouble yet. */
const STARTING_MS = 3_000;

export interface ProgressOptions {
  readonly signal: AbortSignal;
  /** Somebody else tells how it came out. */
  readonly isOnce: boolean;
}

/** Prints until the signal aborts. */
export function showProgress(runner: RunnerPort, io: Io, { signal, isOnce }: ProgressOptions): void {
  const shown = new Map<string, string>();
  const widths: number[] = [];
  const pulls = createPullNews();
  const startingUntil = io.now() + STARTING_MS;
  let saidHeader = false;
  let saidTroubles = '';
  let isSummed = false;
  let isDue = false;

  function refresh(): void {
    isDue = false;
    if (signal.aborted) return;
    const snapshot = runner.snapshot();
    const options = tableOptions(io);
    const changed = changedRows(snapshot, { shown, options });
    if (changed.length > 0) {
      const rows = saidHeader ? changed : [tableHeader(options), ...changed];
      saidHeader = true;
      io.out(formatTable(rows, { colour: io.colour, widths }));
    }
    for (const line of pulls.news(snapshot, io.now())) io.out(`${line}\n`);
    const isStarting = io.now() < startingUntil && !(snapshot.node.runtimeReady && snapshot.node.sourcesReady);
    const troubles = isStarting || isOnce ? '' : attentionLines(snapshot, { pods: [], now: io.now() }).join('\n');
    if (troubles !== saidTroubles && troubles !== '') io.err(`${troubles}\n`);
    saidTroubles = troubles;
    if (isOnce || isSummed || snapshot.pods.length === 0 || !allAsDesired(snapshot, snapshot.pods)) return;
    isSummed = true;
    io.out(summary(snapshot, io));
  }

  function schedule(): void {
    if (isDue) return;
    isDue = true;
    setImmediate(refresh);
  }

  runner.subscribe(schedule, signal);
  schedule();
}

function tableOptions(io: Io): TableOptions {
  return { wide: false, showNamespace: false, now: io.now() };
}

interface Shown {
  readonly shown: Map<string, string>;
  readonly options: TableOptions;
}

function changedRows(snapshot: RunnerSnapshot, { shown, options }: Shown): readonly (readonly Cell[])[] {
  const rows: (readonly Cell[])[] = [];
  const present = new Set(snapshot.pods.map((pod) => pod.metadata?.uid ?? ''));
  for (const uid of shown.keys()) if (!present.has(uid)) shown.delete(uid);
  for (const pod of snapshot.pods) {
    const uid = pod.metadata?.uid ?? '';
    const note = noteOf(pod, snapshot);
    const facts = factsOf(pod, note);
    if (shown.get(uid) === facts) continue;
    shown.set(uid, facts);
    rows.push(tableRow(pod, note, options));
  }
  return rows;
}

/** What a person sees change; not the address, which comes with every start. */
function factsOf(pod: Pod, note: PodNote | undefined): string {
  const { status, ready, total, restarts } = displayPod(pod);
  return JSON.stringify([note?.display ?? status, ready, total, restarts]);
}

function summary(snapshot: RunnerSnapshot, io: Io): string {
  const options = tableOptions(io);
  const rows = snapshot.pods.map((pod) => tableRow(pod, noteOf(pod, snapshot), options));
  const table = formatTable([tableHeader(options), ...rows], { colour: io.colour });
  const addresses = snapshot.pods.flatMap(addressesOf).map((line) => `  ${line}\n`);
  const tries = addresses.length === 0 ? '' : `\nTry:\n${addresses.join('')}`;
  return `\nEverything is as the manifests say:\n${table}${tries}\nPress Ctrl-C to stop.\n`;
}

/** How a port that a pod publishes on this machine is reached from here. */
function addressesOf(pod: Pod): readonly string[] {
  const ports = pod.spec?.containers.flatMap((c) => c.ports ?? []) ?? [];
  return ports
    .filter((port) => port.hostPort !== undefined && port.hostPort > 0 && (port.protocol ?? 'TCP') === 'TCP')
    .map((port) => {
      const host =
        port.hostIP === undefined || port.hostIP === '' || port.hostIP === '0.0.0.0' ? '127.0.0.1' : port.hostIP;
      return `curl http://${host}:${port.hostPort}    (${pod.metadata?.name ?? ''})`;
    });
}
