// What is not as a person would want it: pods that wait or fail, manifests that were refused, a node that is not
// ready. Feeds the lines below the table and the exit code of `status --check`. Pure.

import type { Pod } from '../../api/kubernetes.ts';
import { formatDiagnostic, printable } from '../../manifest/format.ts';
import type { PodNote, RunnerSnapshot, SourceTrouble } from '../../ports/runner.ts';
import { formatAge } from '../output.ts';
import { noteOf } from './rows.ts';

/** True when the pod does what its manifest asks for, or what an operator asked for since. */
export function isAsDesired(pod: Pod, note: PodNote | undefined): boolean {
  if (note?.stopped === true) return note.display === 'Stopped';
  if (pod.status?.phase === 'Succeeded') return true;
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return ready && pod.metadata?.deletionTimestamp === undefined;
}

/** Every source has delivered, nothing was refused, runtime and network are up and all given pods are as desired. */
export function allAsDesired(snapshot: RunnerSnapshot, pods: readonly Pod[]): boolean {
  const { node, troubles } = snapshot;
  return (
    node.runtimeReady &&
    node.networkReady &&
    node.sourcesReady &&
    troubles.every(({ kind }) => kind === 'ignored') &&
    pods.every((pod) => isAsDesired(pod, noteOf(pod, snapshot)))
  );
}

/** One line for each thing to look at; each is safe to print. */
export function attentionLines(
  snapshot: RunnerSnapshot,
  view: { readonly pods: readonly Pod[]; readonly now: number },
): readonly string[] {
  return [
    ...nodeLines(snapshot.node),
    ...view.pods.flatMap((pod) => waitingLine(noteOf(pod, snapshot), view.now)),
    ...snapshot.troubles.flatMap(troubleLines),
    ...ignoredLine(snapshot.troubles),
  ];
}

/** "for 40 s" in words that go on after the reason, as far as a next attempt is set. */
export function nextTry(note: PodNote, now: number): string {
  const left = note.nextTryAt === undefined ? Number.NaN : Date.parse(note.nextTryAt) - now;
  return left > 0 ? ` (next try in ${formatAge(left)})` : '';
}

function waitingLine(note: PodNote | undefined, now: number): readonly string[] {
  if (note?.waitingFor === undefined) return [];
  return [`WAITING   ${printable(note.key)}: ${printable(note.waitingFor)}${nextTry(note, now)}`];
}

function nodeLines(node: RunnerSnapshot['node']): readonly string[] {
  const because = node.message === undefined || node.message === '' ? '' : `: ${printable(node.message)}`;
  if (!node.runtimeReady) return [`NODE      The container runtime is not ready${because}`];
  if (!node.networkReady) return [`NODE      The pod network is not ready${because}`];
  if (!node.sourcesReady) return ['NODE      Not every source of manifests has delivered yet'];
  return [];
}

function troubleLines({ kind, location, message, diagnostics, version, running }: SourceTrouble): readonly string[] {
  if (kind === 'ignored') return [];
  const label = LABELS[kind];
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return [`${label}  ${printable(location)}: ${printable(message)}`];
  const lines = errors.map((error) => `${label}  ${formatDiagnostic(error, { colour: false }).trimEnd()}`);
  return [...lines, ...runningLines(running, version)];
}

const LABELS = { rejected: 'REJECTED', failed: 'FAILED  ', held: 'HELD    ' } as const;
/** As many digits as tell versions apart. */
const HASH_SHOWN = 8;

/** What runs instead of the text that was refused. */
function runningLines(running: SourceTrouble['running'], version = ''): readonly string[] {
  const indent = ' '.repeat(LABELS.rejected.length);
  return (running ?? []).map(
    ({ key, hash }) =>
      `${indent}  ${printable(key)}: running ${hash.slice(0, HASH_SHOWN)}, ${printable(version)} rejected`,
  );
}

/** Most files named in the line about ignored ones. */
const IGNORED_NAMES_MAX = 5;

function ignoredLine(troubles: readonly SourceTrouble[]): readonly string[] {
  const ignored = troubles.filter(({ kind }) => kind === 'ignored');
  if (ignored.length === 0) return [];
  const named = ignored
    .slice(0, IGNORED_NAMES_MAX)
    .map(({ location, message }) => `${printable(location)} (${printable(message)})`);
  const rest = ignored.length - named.length;
  const count = ignored.length === 1 ? '1 file' : `${ignored.length} files`;
  return [`IGNORED   ${count}: ${named.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`];
}
