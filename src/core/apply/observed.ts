// Folds a look at the runtime into the world. Looks overlap with effects in flight, so each object is merged by
// itself: what an outcome taught later than the look began wins, and one id never goes back from exited to running.
import type { ContainerState, Observation, ObservedContainer, ObservedSandbox } from '../../api/observed.ts';
import type { MonoMs, WallMs } from '../../api/time.ts';
import { withCarried } from '../probing.ts';
import type { PodRecord, World } from '../world.ts';
import { newRecord } from '../world.ts';

export function applyObserved(world: World, observation: Observation, startedAt: MonoMs): World {
  const byPod = groupByPod(observation);
  const uids =
    observation.podUid === undefined ? new Set([...world.pods.keys(), ...byPod.keys()]) : [observation.podUid];
  const pods = new Map(world.pods);
  for (const uid of uids) {
    const seen = byPod.get(uid);
    const before = named(pods.get(uid), seen) ?? stranger(world, seen);
    if (before === undefined) continue;
    pods.set(uid, mergeSeen(before, seen ?? { sandboxes: [], containers: [] }, { startedAt, world }));
  }
  const complete = observation.podUid === undefined;
  const runtime = complete ? { ...world.runtime, observed: true } : world.runtime;
  return { ...world, pods, runtime };
}

interface Seen {
  readonly sandboxes: ObservedSandbox[];
  readonly containers: ObservedContainer[];
}

function groupByPod(observation: Observation): Map<string, Seen> {
  const byPod = new Map<string, Seen>();
  const of = (uid: string): Seen => {
    const seen = byPod.get(uid) ?? { sandboxes: [], containers: [] };
    byPod.set(uid, seen);
    return seen;
  };
  for (const sandbox of observation.sandboxes) of(sandbox.podUid).sandboxes.push(sandbox);
  for (const container of observation.containers) of(container.podUid).containers.push(container);
  return byPod;
}

/** A record for a pod that the runtime holds and nobody has asked for (yet). */
function stranger(world: World, seen: Seen | undefined): PodRecord | undefined {
  const labels = (seen?.sandboxes[0] ?? seen?.containers[0])?.labels;
  const uid = seen?.sandboxes[0]?.podUid ?? seen?.containers[0]?.podUid;
  if (labels === undefined || uid === undefined) return undefined;
  const namespace = labels['io.kubernetes.pod.namespace'] ?? 'default';
  const name = labels['io.kubernetes.pod.name'] ?? uid;
  return newRecord({ uid, key: `${namespace}/${name}`, namespace, name }, { wanted: false, seen: world.now });
}

/** A record that was made for a directory learns its name from what the runtime holds. */
function named(record: PodRecord | undefined, seen: Seen | undefined): PodRecord | undefined {
  const labels = (seen?.sandboxes[0] ?? seen?.containers[0])?.labels;
  if (record === undefined || record.desired !== undefined || labels === undefined) return record;
  const namespace = labels['io.kubernetes.pod.namespace'] ?? record.namespace;
  const name = labels['io.kubernetes.pod.name'] ?? record.name;
  return { ...record, key: `${namespace}/${name}`, namespace, name };
}

interface MergeContext {
  readonly startedAt: MonoMs;
  readonly world: World;
}

function mergeSeen(record: PodRecord, seen: Seen, context: MergeContext): PodRecord {
  const { startedAt, world } = context;
  // Looks at one pod and at everything overlap: the one that began first may arrive last. Numbers only grow.
  if (record.lookedAt !== undefined && startedAt < record.lookedAt) return withNumbersOf(record, seen.containers);
  const sandboxes = mergeObjects(record.sandboxes, seen.sandboxes, {
    record,
    startedAt,
    advance: (old, now) => (old.state === 'notReady' ? old : now),
  });
  const containers = mergeObjects(record.containers, seen.containers, { record, startedAt, advance: furthest });
  const caughtUp = record.observeFrom !== undefined && startedAt >= record.observeFrom;
  const { observeFrom, ...rest } = record;
  const merged: PodRecord = {
    ...rest,
    ...(observeFrom === undefined || caughtUp ? {} : { observeFrom }),
    lookedAt: startedAt,
    sandboxes,
    containers,
    learned: forget(record.learned, startedAt),
  };
  return withCarried(withTimes(withAttempts(merged), world), record, world);
}

interface MergeRules<T> {
  readonly record: PodRecord;
  readonly startedAt: MonoMs;
  /** Of two views of one id that are equally fresh, the one that holds. */
  readonly advance: (old: T, now: T) => T;
}

function mergeObjects<T extends Numbered>(
  old: readonly T[],
  seen: readonly T[],
  { record, startedAt, advance }: MergeRules<T>,
): readonly T[] {
  const learnedLater = (id: string): boolean => (record.learned[id]?.at ?? Number.NEGATIVE_INFINITY) > startedAt;
  const merged = new Map<string, T>();
  for (const item of old) if (learnedLater(item.id)) merged.set(item.id, item);
  for (const item of seen) {
    if (learnedLater(item.id) && record.learned[item.id]?.gone === true) continue;
    const before = old.find((o) => o.id === item.id);
    merged.set(item.id, before === undefined ? item : advance(before, item));
  }
  return [...merged.values()].sort(newestFirst);
}

interface Numbered {
  readonly id: string;
  readonly attempt: number;
  readonly createdAt: number;
}

/** By number first: the wall clock may have been set back between two instances. */
export function newestFirst(a: Numbered, b: Numbered): number {
  return b.attempt - a.attempt || b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
}

const RANK: { readonly [state in ContainerState]: number } = { unknown: 0, created: 0, running: 1, exited: 2 };

/** What has ended stays ended; what runs may become unknown, which is to be stopped. */
function furthest(old: ObservedContainer, now: ObservedContainer): ObservedContainer {
  const isBack = now.state === 'unknown' ? old.state === 'exited' : RANK[now.state] < RANK[old.state];
  return isBack ? old : now;
}

/** What was learned before the look began is in the look. */
function forget(learned: PodRecord['learned'], startedAt: MonoMs): PodRecord['learned'] {
  return Object.fromEntries(Object.entries(learned).filter(([, l]) => l.at > startedAt));
}

/** Remembers the highest restart number of every container. */
export function withAttempts(record: PodRecord): PodRecord {
  return withNumbersOf(record, record.containers);
}

function withNumbersOf(record: PodRecord, containers: readonly ObservedContainer[]): PodRecord {
  const attempts: { [name: string]: number } = { ...record.attempts };
  for (const c of containers) attempts[c.name] = Math.max(attempts[c.name] ?? 0, c.attempt);
  return { ...record, attempts };
}

function onlyOf<T>(map: { readonly [id: string]: T }, ids: ReadonlySet<string>): { readonly [id: string]: T } {
  return Object.fromEntries(Object.entries(map).filter(([id]) => ids.has(id)));
}

/**
 * Notes, once per instance, when it began and when it ended on the monotonic clock, so that later jumps of the wall clock
 * don't matter.
 */
export function withTimes(record: PodRecord, { now }: World): PodRecord {
  const starts: { [id: string]: MonoMs } = {};
  const exits: { [id: string]: MonoMs } = {};
  const at = (wall: WallMs | undefined): MonoMs => now.mono - Math.max(0, now.wall - (wall ?? now.wall));
  for (const c of record.containers) {
    if (c.state === 'running') starts[c.id] = record.starts[c.id] ?? at(c.startedAt ?? c.createdAt);
    if (c.state === 'exited') exits[c.id] = record.exits[c.id] ?? at(c.finishedAt);
  }
  const known = new Set(record.containers.map((c) => c.id));
  const stops = onlyOf(record.stops, known);
  const sizes = onlyOf(record.sizes, known);
  return { ...record, starts, exits, stops, sizes, postStarts: onlyOf(record.postStarts, known) };
}
