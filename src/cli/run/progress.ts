// What `run` shows a person while pods come up: a line for each change, then, once everything is as it should be, the
// table and the addresses to try.
import type { Pod } from '../../api/kubernetes.ts';
import type { RunnerPort, RunnerSnapshot } from '../../ports/runner.ts';
import type { Io } from '../io.ts';
import { type Cell, formatTable } from '../output.ts';
import { allAsDesired, attentionLines } from '../status/attention.ts';
import { noteOf, rowFacts, type TableOptions, tableHeader, tableRow } from '../status/rows.ts';

/** Prints until the signal aborts. */
export function showProgress(runner: RunnerPort, io: Io, signal: AbortSignal): void {
  const shown = new Map<string, string>();
  const widths: number[] = [];
  let saidReady = false;
  let saidTroubles = '';
  let isDue = false;

  function refresh(): void {
    isDue = false;
    if (signal.aborted) return;
    const snapshot = runner.snapshot();
    const options = tableOptions(io);
    const rows = changedRows(snapshot, { shown, options });
    if (rows.length > 0)
      io.out(
        formatTable(shown.size === rows.length ? [tableHeader(options), ...rows] : rows, { colour: io.colour, widths }),
      );
    const troubles =
      snapshot.troubles.length === 0 ? '' : attentionLines(snapshot, { pods: [], now: io.now() }).join('\n');
    if (troubles !== saidTroubles && troubles !== '') io.err(`${troubles}\n`);
    saidTroubles = troubles;
    const ready = snapshot.pods.length > 0 && allAsDesired(snapshot, snapshot.pods);
    if (ready && !saidReady) io.out(summary(snapshot, io));
    saidReady = ready;
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
    const facts = rowFacts(pod, note);
    if (shown.get(uid) === facts) continue;
    shown.set(uid, facts);
    rows.push(tableRow(pod, note, options));
  }
  return rows;
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
