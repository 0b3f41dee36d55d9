// Moves a pod along its stages when the facts say that one is over. Pure.
//   sync ─(phase is final)─► terminating ─(all stopped, volumes gone)─► terminated ─(objects removed)─► forgotten or sync
import { isLive, newRecord, type PodRecord, type World } from '../world.ts';
import { isPastDeadline } from './activeDeadline.ts';
import { isOutOfDate } from './configChange.ts';
import { withRestartAll } from './restartAll.ts';
import { sandboxNeed } from './sandboxNeed.ts';
import { EVICTION_GRACE_SECONDS, isRemoval, terminate } from './termination.ts';

/** The record in its right stage; undefined when nothing is left of the pod and nobody asks for it. */
export function settle(world: World, record: PodRecord): PodRecord | undefined {
  let next = record.stage === 'sync' && record.admitted ? withRestartAll(record) : record;
  if (next.stage === 'sync' && next.refusal === undefined && isFinal(next))
    next = terminate(next, 'completed', world.now);
  if (next.stage === 'sync' && cannotGoOn(next)) next = terminate(next, 'lost', world.now);
  if (next.stage === 'sync' && isPastDeadline(next, world.now)) next = terminate(next, 'deadline', world.now);
  if (next.stage === 'sync' && next.eviction !== undefined)
    next = terminate(next, 'evicted', world.now, EVICTION_GRACE_SECONDS);
  if (next.stage === 'sync' && isOutOfDate(world, next)) next = terminate(next, 'restarted', world.now);
  if (next.stage === 'terminating' && isStopped(next)) next = { ...next, stage: 'terminated' };
  // A call that nobody waited for any more has made something after all.
  if (next.stage === 'terminated' && isAlive(next)) next = { ...next, stage: 'terminating' };
  if (next.stage === 'terminated' && isRemoval(next) && isRemoved(next)) return afterRemoval(world, next);
  return next;
}

function isFinal(record: PodRecord): boolean {
  return record.status?.phase === 'Succeeded' || record.status?.phase === 'Failed';
}

/** Its sandbox is lost, and its restart policy makes no other one: it has ended, though not all of it has run. */
function cannotGoOn(record: PodRecord): boolean {
  if (record.desired === undefined || !record.admitted) return false;
  return record.containers.length > 0 && sandboxNeed(record, record.desired).kind === 'finish';
}

function isStopped(record: PodRecord): boolean {
  return !isAlive(record) && record.volumes === 'gone' && isQuiet(record);
}

function isAlive({ containers, sandboxes, stoppedSandboxes }: PodRecord): boolean {
  return containers.some(isLive) || sandboxes.some((s) => !stoppedSandboxes.includes(s.id));
}

function isRemoved(record: PodRecord): boolean {
  const cause = record.termination?.cause;
  const logsDone = cause === 'stopped' || cause === 'restarted' || record.said['logs'] === 'gone';
  return record.containers.length === 0 && record.sandboxes.length === 0 && logsDone && isQuiet(record);
}

/** Nothing is under way, and it is known what became of what was. */
function isQuiet({ inFlight, observeFrom }: PodRecord): boolean {
  return inFlight.length === 0 && observeFrom === undefined;
}

/** Starts over when it is wanted again; stays, empty, while an operator keeps it stopped. */
function afterRemoval(world: World, record: PodRecord): PodRecord | undefined {
  const { uid, key, namespace, name, desired, attempts, learned, lookedAt } = record;
  if (record.wanted && desired !== undefined) {
    const fresh = newRecord({ uid, key, namespace, name }, { wanted: true, seen: world.now, desired });
    return { ...fresh, attempts, learned, ...(lookedAt === undefined ? {} : { lookedAt }) };
  }
  const isListed = Object.values(world.sources).some((pods) => pods?.some((p) => p.uid === uid));
  const isKept = isListed && !world.draining && world.stopped[key] === desired?.hash;
  return isKept && desired !== undefined ? record : undefined;
}
