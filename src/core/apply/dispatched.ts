// What changes in a pod's record at the moment an action is handed out.
import type { Action } from '../action.ts';
import { nextCrashLoop } from '../rules/crashBackoff.ts';
import { newestInstance, type PodRecord, type World } from '../world.ts';

export function dispatched(record: PodRecord, action: Action, world: World): PodRecord {
  const next: PodRecord = { ...record, inFlight: [...record.inFlight, action] };
  return action.kind === 'startContainer' ? countRestart(next, action.container, world) : next;
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
