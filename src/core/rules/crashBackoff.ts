// How long a container that ended is held back before its next start. Pure.
// Rule: kubelet doBackOff. The first restart is immediate, then 10 s doubling to 300 s, counted from the end of the
// last run; a run that lasted ten minutes is forgiven. Exit code 0 counts like any other.
import type { MonoMs } from '../../api/time.ts';
import type { CrashLoop, PodRecord, Settings } from '../world.ts';
import { newestInstance } from '../world.ts';

/** A container that outlived its last start by this much starts without back-off again. */
export const FORGIVEN_AFTER_MS = 600_000;

/** The instant before which `container` may not be started again; undefined when it may start now. */
export function heldBackUntil(record: PodRecord, container: string, now: MonoMs): MonoMs | undefined {
  const crashLoop = record.crashLoops[container];
  const exit = countedExit(record, container);
  if (crashLoop === undefined || exit === undefined || isForgiven(crashLoop, exit)) return undefined;
  const until = exit + crashLoop.delayMs;
  return now < until ? until : undefined;
}

/**
 * The exit that back-off counts from. For an instance that we stopped in order to start it again (a probe failed, its
 * definition changed) that is the exit of the one before: the first restarts after a failed probe are immediate.
 */
export function countedExit(record: PodRecord, container: string): MonoMs | undefined {
  const newest = newestInstance(record, container);
  // One that asked for a restart of all containers is gone by now; the others start without delay.
  if (newest === undefined) return record.restartAll?.askers[container]?.exit;
  if (newest.state !== 'exited') return undefined;
  return record.stops[newest.id]?.isRestart === true ? record.previousExits[container] : record.exits[newest.id];
}

/** The back-off entry after one more start of a container that had ended at `exit`. */
export function nextCrashLoop(
  crashLoop: CrashLoop | undefined,
  exit: MonoMs,
  { settings, now }: { readonly settings: Settings; readonly now: MonoMs },
): CrashLoop {
  const max = settings.crashLoopMaxMs;
  const initial = Math.min(settings.crashLoopInitialMs, max);
  const doubles = crashLoop !== undefined && !isForgiven(crashLoop, exit);
  return { delayMs: doubles ? Math.min(crashLoop.delayMs * 2, max) : initial, lastStart: now };
}

function isForgiven(crashLoop: CrashLoop, exit: MonoMs): boolean {
  return exit - crashLoop.lastStart > FORGIVEN_AFTER_MS;
}
