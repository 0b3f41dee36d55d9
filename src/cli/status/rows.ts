// One line per pod: what the table of `status` says, before it is laid out. Pure.
import type { Pod } from '../../api/kubernetes.ts';
import type { PodNote, RunnerSnapshot } from '../../ports/runner.ts';
import { podNamespace } from '../../server/selectPods.ts';
import { displayPod } from '../../status/display.ts';
import { type Cell, type Colour, formatSince } from '../output.ts';

export interface TableOptions {
  readonly wide: boolean;
  readonly showNamespace: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function tableHeader({ wide, showNamespace }: TableOptions): readonly Cell[] {
  const titles = [
    ...(showNamespace ? ['NAMESPACE'] : []),
    'NAME',
    'READY',
    'STATUS',
    'RESTARTS',
    'AGE',
    ...(wide ? ['IP', 'NODE', 'SOURCE'] : []),
  ];
  return titles.map((text) => ({ text }));
}

export function tableRow(pod: Pod, note: PodNote | undefined, options: TableOptions): readonly Cell[] {
  const display = displayPod(pod);
  const status = note?.display ?? display.status;
  const readiness = `${display.ready}/${display.total}`;
  const ago = display.lastRestart === undefined ? '' : ` (${formatSince(display.lastRestart, options.now)} ago)`;
  return [
    ...(options.showNamespace ? [{ text: podNamespace(pod) }] : []),
    { text: pod.metadata?.name ?? '' },
    { text: readiness },
    { text: status, colour: statusColour(status, display.ready === display.total) },
    { text: display.restarts === 0 ? '0' : `${display.restarts}${ago}` },
    { text: formatSince(podStart(pod), options.now) },
    ...(options.wide ? wideCells(pod, note) : []),
  ];
}

/** Everything in a row that does not change by the mere passing of time. */
export function rowFacts(pod: Pod, note: PodNote | undefined): string {
  const { status, ready, total, restarts } = displayPod(pod);
  const origin = note?.origin ?? '';
  return JSON.stringify([note?.display ?? status, ready, total, restarts, pod.status?.podIP ?? '', origin]);
}

/** RFC 3339 time that the pod's age counts from. */
export function podStart(pod: Pod): string | undefined {
  return pod.metadata?.creationTimestamp ?? pod.status?.startTime;
}

/** A pod's note, if the runner has one. */
export function noteOf(pod: Pod, snapshot: RunnerSnapshot): PodNote | undefined {
  return snapshot.notes[pod.metadata?.uid ?? ''];
}

export function statusColour(status: string, allReady: boolean): Colour {
  if (status === 'Completed') return 'green';
  if (status === 'Running') return allReady ? 'green' : 'yellow';
  return isUnderWay(status) ? 'yellow' : 'red';
}

function isUnderWay(status: string): boolean {
  const words = ['Pending', 'ContainerCreating', 'PodInitializing', 'Terminating', 'Stopped', 'NotReady'];
  return words.includes(status) || /^Init:\d+\/\d+$/.test(status);
}

function wideCells(pod: Pod, note: PodNote | undefined): readonly Cell[] {
  const { podIP } = pod.status ?? {};
  const { nodeName } = pod.spec ?? {};
  return [orNone(podIP), orNone(nodeName), orNone(note?.origin)];
}

function orNone(text: string | undefined): Cell {
  return { text: text === undefined || text === '' ? '<none>' : text };
}
