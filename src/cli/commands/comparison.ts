// What would change if manifests were run: pods by key, and what differs in each, field by field. Pure.
// Values that may be secret (literal environment variables) are never shown, only that they differ.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { formatPath } from '../../manifest/path.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';

export type PodChange =
  | { readonly kind: 'added'; readonly key: string }
  | { readonly kind: 'removed'; readonly key: string }
  | {
      readonly kind: 'changed';
      readonly key: string;
      readonly from: string;
      readonly to: string;
      readonly fields: readonly string[];
    };

export interface Comparison {
  readonly given: readonly DesiredPod[];
  readonly snapshot: RunnerSnapshot;
  /** Absolute paths that were named: pods from there that are given no more would end. */
  readonly places: readonly string[];
}

type Path = readonly (string | number)[];

const FIELDS_MAX = 50;
const SHOWN_MAX = 60;
/** Written by the runner alone. */
const RUNNER_ANNOTATION = /^kubernetes\.io\/config\./;

export function compare({ given, snapshot, places }: Comparison): readonly PodChange[] {
  const running = new Map(snapshot.pods.map((pod) => [keyOf(pod), pod]));
  const wanted = new Map(given.map((pod) => [pod.key, pod]));
  const changes: PodChange[] = [];
  for (const [key, pod] of wanted) {
    const now = running.get(key);
    const note = now === undefined ? undefined : snapshot.notes[now.metadata?.uid ?? ''];
    if (now === undefined || note === undefined || note.hash === '') changes.push({ kind: 'added', key });
    else if (note.hash !== pod.hash) {
      changes.push({ kind: 'changed', key, from: note.hash, to: pod.hash, fields: differences(now, pod) });
    } else if (now.metadata?.uid !== pod.uid) {
      const fields = [`manifest: ${note.origin} -> ${pod.origin.location}:${pod.origin.line}`];
      changes.push({ kind: 'changed', key, from: note.hash, to: pod.hash, fields });
    }
  }
  for (const [key, pod] of running) {
    const origin = snapshot.notes[pod.metadata?.uid ?? '']?.origin ?? '';
    const isFromHere = places.some((place) => origin.startsWith(`${place}:`) || origin.startsWith(`${place}/`));
    if (!wanted.has(key) && isFromHere) changes.push({ kind: 'removed', key });
  }
  return changes.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function keyOf({ metadata }: Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function differences(now: Pod, then: DesiredPod): readonly string[] {
  const lines: string[] = [];
  const { labels, annotations } = then.metadata;
  walk(now.metadata?.labels ?? {}, labels ?? {}, ['metadata', 'labels']);
  walk(own(now.metadata?.annotations), own(annotations), ['metadata', 'annotations']);
  walk(now.spec, then.spec, ['spec']);
  return lines.length <= FIELDS_MAX ? lines : [...lines.slice(0, FIELDS_MAX), `and ${lines.length - FIELDS_MAX} more`];

  function walk(before: unknown, after: unknown, path: Path): void {
    if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        walk(before[key], after[key], [...path, Array.isArray(before) ? Number(key) : key]);
      }
    } else if (JSON.stringify(before) !== JSON.stringify(after)) {
      const hidden = mayBeSecret(path);
      lines.push(`${formatPath(path)}: ${hidden ? 'another value' : `${shown(before)} -> ${shown(after)}`}`);
    }
  }
}

/** A literal environment variable, or anything that holds one. */
function mayBeSecret(path: Path): boolean {
  return path.includes('env') || path.at(-1) === 'containers' || path.at(-1) === 'initContainers';
}

function own(annotations: { readonly [key: string]: string } | undefined): { readonly [key: string]: string } {
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !RUNNER_ANNOTATION.test(key)));
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(withoutEnv(value)) ?? '';
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** A whole container that comes or goes is shown without its variables. */
function withoutEnv(value: unknown): unknown {
  if (!isTree(value) || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'env'));
}

function isTree(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
