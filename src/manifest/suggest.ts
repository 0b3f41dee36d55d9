// "Did you mean": the nearest of a few candidates, and the place where a misplaced field belongs. Pure.
import { fields } from '../generated/validate.js';
import { own } from '../lib/own.ts';

const DISTANCE_MAX = 3;
const COMPLETED_MIN = 5;

/** Names from other tools for things that have another name here, by definition. */
const ALIASES: { readonly [definition: string]: { readonly [field: string]: string } } = {
  Container: {
    cmd: 'command',
    entrypoint: 'command',
    environment: 'env',
    envs: 'env',
    mounts: 'volumeMounts',
    healthcheck: 'livenessProbe',
    pullPolicy: 'imagePullPolicy',
  },
  ContainerPort: { port: 'containerPort', targetPort: 'containerPort' },
  SecretVolumeSource: { name: 'secretName' },
  VolumeMount: { path: 'mountPath', volume: 'name' },
  PersistentVolumeClaimVolumeSource: { name: 'claimName' },
  PodSpec: { restart: 'restartPolicy', initContainer: 'initContainers' },
};

const ADVICE: { readonly [definition: string]: { readonly [field: string]: string } } = {
  HTTPGetAction: { url: 'use host, port and path', uri: 'use host, port and path' },
  PodSpec: {
    template: 'this looks like the spec of a Deployment: a pod has the content of spec.template',
    replicas: 'this looks like the spec of a Deployment: a pod has the content of spec.template',
    selector: 'this looks like the spec of a Deployment: a pod has the content of spec.template',
  },
};

export interface FieldHint {
  readonly suggestion?: string;
  /** Continues the message after "unknown field". */
  readonly advice?: string;
}

/** What was probably meant by a field that a definition does not have. */
export function hintForField(definition: string, field: string): FieldHint {
  const advice = own(own(ADVICE, definition), field);
  if (advice !== undefined) return { advice };
  const known = Object.keys(own(fields, definition) ?? {});
  const suggestion = own(own(ALIASES, definition), field) ?? nearest(field, known);
  if (suggestion !== undefined) return { suggestion };
  const home = homeOf(field, definition);
  if (home !== undefined) return { advice: `belongs to ${home}` };
  const longer = completion(field, known);
  return longer === undefined ? {} : { suggestion: longer };
}

/** The candidate that a word was probably meant to be, undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = simplify(word);
  const same = candidates.find((candidate) => simplify(candidate) === plain);
  if (same !== undefined) return same;
  const limit = Math.min(DISTANCE_MAX, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(plain, simplify(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** The only candidate that begins with the word. */
function completion(word: string, candidates: readonly string[]): string | undefined {
  if (word.length < COMPLETED_MIN) return undefined;
  const longer = candidates.filter((candidate) => simplify(candidate).startsWith(simplify(word)));
  return longer.length === 1 ? longer[0] : undefined;
}

function simplify(word: string): string {
  return word.replaceAll(/[-_]/g, '').toLowerCase();
}

/** Damerau-Levenshtein distance (adjacent swaps count one). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = (list: readonly number[], index: number): number => list[index] ?? 0;
      let value = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) value = Math.min(value, at(beforeLast, j - 2) + 1);
      row.push(value);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** The nearest place in a pod, from the top, that has a field of exactly this name. */
function homeOf(field: string, notIn: string): string | undefined {
  const queue: { readonly definition: string; readonly path: string }[] = [{ definition: 'PodSpec', path: 'spec' }];
  const seen = new Set(['EphemeralContainer', 'PodStatus', 'Affinity']);
  for (const { definition, path } of queue) {
    if (seen.has(definition)) continue;
    seen.add(definition);
    const own = fields[definition] ?? {};
    if (definition !== notIn && Object.hasOwn(own, field)) return `${path}.${field}`;
    for (const [name, held] of Object.entries(own)) {
      const list = held.endsWith('[]');
      const next = { definition: list ? held.slice(0, -2) : held, path: `${path}.${name}${list ? '[]' : ''}` };
      // A container is where most fields live, so it is looked at before its siblings.
      if (name === 'containers') queue.splice(1, 0, next);
      else if (held !== '') queue.push(next);
    }
  }
  return undefined;
}
