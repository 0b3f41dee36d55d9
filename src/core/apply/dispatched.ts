// What changes in a pod's record at the moment an action is handed out.
import type { MonoMs } from '../../api/time.ts';
import type { Action } from '../action.ts';
import { nextCrashLoop } from '../rules/crashBackoff.ts';
import { newestInstance, type PodRecord, type Stopping, type World } from '../world.ts';

export function dispatched(record: PodRecord, action: Action, world: World): PodRecord {
  const next: PodRecord = { ...record, inFlight: [...record.inFlight, action] };
  switch (action.kind) {
    case 'startContainer':
      return countRestart(next, action.container, world);
    case 'preStop':
      return beginStop(next, action.containerId, { preStop: 'running', now: world.now.mono });
    case 'stopContainer':
      return beginStop(next, action.containerId, { preStop: 'done', now: world.now.mono });
    default:
      return next;
  }
}

function beginStop(
  record: PodRecord,
  id: string,
  { preStop, now }: { readonly preStop: Stopping['preStop']; readonly now: MonoMs },
): PodRecord {
  const since = record.stops[id]?.since ?? now;
  return { ...record, stops: { ...record.stops, [id]: { since, preStop } } };
}

/** A start that follows an exit makes the next one wait longer. */
function countRestart(record: PodRecord, container: string, world: World): PodRecord {
  const newest = newestInstance(record, container);
  if (newest?.state !== 'exited') return record;
  const { settings, now } = world;
  const exit = record.exits[newest.id] ?? now.mono;
  const entry = nextCrashLoop(record.crashLoops[container], exit, { settings, now: now.mono });
  return { ...record, crashLoops: { ...record.crashLoops, [container]: entry } };
}
