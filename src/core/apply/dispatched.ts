// What changes in a pod's record at the moment an action is handed out.
import type { MonoMs } from '../../api/time.ts';
import { without } from '../../lib/without.ts';
import type { Action } from '../action.ts';
import { countedExit, nextCrashLoop } from '../rules/crashBackoff.ts';
import { newestInstance, type PodRecord, type Stopping, type World } from '../world.ts';

export function dispatched(record: PodRecord, action: Action, world: World): PodRecord {
  const next: PodRecord = { ...record, inFlight: [...record.inFlight, action] };
  switch (action.kind) {
    case 'measureVolumes':
      return { ...next, measured: { begunAt: world.now.mono, endedAt: world.now.mono } };
    case 'pullImage':
      return { ...next, pulls: { ...next.pulls, [action.container]: { image: action.image, since: world.now } } };
    case 'startContainer':
      return countRestart(next, action.container, world);
    case 'startCreated':
      return { ...next, stops: without(next.stops, action.containerId) };
    case 'preStop':
      return beginStop(next, action, { preStop: 'running', now: world.now.mono });
    case 'stopContainer': {
      const now = world.now.mono;
      return beginStop(next, action, { preStop: 'done', now, killAt: now + action.graceSeconds * 1000 });
    }
    default:
      return next;
  }
}

function beginStop(
  record: PodRecord,
  { containerId: id }: { readonly containerId: string },
  { now, ...more }: Pick<Stopping, 'preStop' | 'killAt'> & { readonly now: MonoMs },
): PodRecord {
  const before = record.stops[id];
  const isRestart = before?.isRestart ?? record.stage === 'sync';
  return { ...record, stops: { ...record.stops, [id]: { since: before?.since ?? now, isRestart, ...more } } };
}

/** A start that follows an exit makes the next one wait longer. */
function countRestart(record: PodRecord, container: string, world: World): PodRecord {
  const newest = newestInstance(record, container);
  const { settings, now } = world;
  const own = newest === undefined ? countedExit(record, container) : (record.exits[newest.id] ?? now.mono);
  if (own === undefined || (newest !== undefined && newest.state !== 'exited')) return record;
  const previousExits = { ...record.previousExits, [container]: own };
  const counted = countedExit(record, container);
  if (counted === undefined) return { ...record, previousExits };
  const entry = nextCrashLoop(record.crashLoops[container], counted, { settings, now: now.mono });
  return { ...record, previousExits, crashLoops: { ...record.crashLoops, [container]: entry } };
}
