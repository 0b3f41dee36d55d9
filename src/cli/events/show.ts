// `events`: what happened to pods and to the node, oldest first; with -w also what happens from now on.
import type { PodEvent, RunnerSnapshot } from '../../ports/runner.ts';
import { eventList } from '../../server/routes/events.ts';
import { podKey } from '../../server/selectPods.ts';
import { type Choice, choosePods } from '../chosenPods.ts';
import { readSnapshot, watchSnapshots } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { type Cell, formatJson, formatSince, formatTable, formatYaml } from '../output.ts';
import { socketPath } from '../settings.ts';

export interface EventsQuery extends Choice {
  readonly format: 'table' | 'json' | 'yaml';
  readonly watch: boolean;
  /** Only these. */
  readonly types?: readonly string[];
}

export async function showEvents(cli: Cli, query: EventsQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  if (query.watch) return watchEvents(io, socket.value, query);
  const snapshot = await readSnapshot(socket.value);
  if (!snapshot.ok) return fail(io, snapshot.error);
  const chosen = chooseEvents(snapshot.value, query);
  if (!chosen.ok) return fail(io, chosen.error);
  await print(io, { query, snapshot: snapshot.value, events: chosen.value, widths: [], header: true });
  if (chosen.value.length === 0 && query.format === 'table') io.err('No events.\n');
  return EXIT.done;
}

async function watchEvents(io: Io, socket: string, query: EventsQuery): Promise<number> {
  const interrupted = io.interrupted();
  const counts = new Map<string, number>();
  const widths: number[] = [];
  let header = true;
  for await (const snapshot of watchSnapshots(socket, interrupted)) {
    if (!snapshot.ok) return fail(io, snapshot.error);
    const chosen = chooseEvents(snapshot.value, query);
    // A pod that is named must be there at first; its events outlive it.
    if (!chosen.ok && header) return fail(io, chosen.error);
    const events = (chosen.ok ? chosen.value : []).filter((event) => {
      const known = counts.get(identity(event));
      counts.set(identity(event), event.count);
      return known !== event.count;
    });
    await print(io, { query, snapshot: snapshot.value, events, widths, header });
    header = false;
  }
  return EXIT.interrupted;
}

/** Repeats are counted, not repeated: this is what stays the same. */
function identity({ podUid, pod, fieldPath, reason, message, firstTimestamp }: PodEvent): string {
  return JSON.stringify([podUid ?? pod, fieldPath, reason, message, firstTimestamp]);
}

function chooseEvents(snapshot: RunnerSnapshot, query: EventsQuery) {
  const pods = choosePods(snapshot, query);
  if (!pods.ok) return pods;
  const { names, namespace, selector, types } = query;
  const isAll = names.length === 0 && namespace === undefined && selector === undefined;
  const keys = new Set(pods.value.map(podKey));
  const isMeant = ({ pod }: PodEvent) =>
    isAll ||
    (names.length === 0 && selector === undefined
      ? pod?.startsWith(`${namespace}/`)
      : pod !== undefined && keys.has(pod));
  const events = snapshot.events.filter(
    (event) => isMeant(event) === true && (types === undefined || types.includes(event.type)),
  );
  return { ok: true as const, value: events };
}

interface Printed {
  readonly query: EventsQuery;
  readonly snapshot: RunnerSnapshot;
  readonly events: readonly PodEvent[];
  readonly widths: number[];
  readonly header: boolean;
}

async function print(io: Io, { query, snapshot, events, widths, header }: Printed): Promise<void> {
  if (query.format !== 'table') {
    const list = eventList(events, snapshot.node.name);
    if (query.watch && events.length === 0) return;
    const values = query.watch ? list.items : [list];
    for (const value of values) io.out(query.format === 'json' ? formatJson(value) : `---\n${await formatYaml(value)}`);
    return;
  }
  if (events.length === 0) return;
  const titles: readonly Cell[] = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'].map((text) => ({ text }));
  const rows = events.map((event) => row(event, io.now()));
  io.out(formatTable(header ? [titles, ...rows] : rows, { colour: io.colour, widths }));
}

function row(
  { type, reason, message, pod, count, firstTimestamp, lastTimestamp }: PodEvent,
  now: number,
): readonly Cell[] {
  const last = formatSince(lastTimestamp, now);
  return [
    { text: count > 1 ? `${last} (x${count} over ${formatSince(firstTimestamp, now)})` : last },
    type === 'Warning' ? { text: type, colour: 'yellow' } : { text: type },
    { text: reason },
    { text: pod === undefined ? 'node' : `pod/${pod.replace(/^default\//, '')}` },
    { text: message.trim() },
  ];
}
