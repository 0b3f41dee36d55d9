// Moves a pod along its stages when the facts say that one is over. Pure.
//   sync ─(phase is final)─► terminating ─(all stopped, volumes gone)─► terminated ─(objects removed)─► forgotten or sync
import { newRecord, type PodRecord, type World } from '../world.ts';
import { isPastDeadline } from './activeDeadline.ts';
import { isOutOfDate } from './configChange.ts';
import { isRemoval, terminate } from './termination.ts';

/** The record in its right stage; undefined when nothing is left of the pod and nobody asks for it. */
export function settle(world: World, record: PodRecord): PodRecord | undefined {
  let next = record;
  if (next.stage === 'sync' && next.refusal === undefined && isFinal(next))
    next = terminate(next, 'completed', world.now);
  if (next.stage === 'sync' && isPastDeadline(next, world.now)) next = terminate(next, 'deadline', world.now);
  if (next.stage === 'sync' && isOutOfDate(world, next)) next = terminate(next, 'restarted', world.now);
  if (next.stage === 'terminating' && isStopped(next)) next = { ...next, stage: 'terminated' };
  if (next.stage === 'terminated' && isRemoval(next) && isRemoved(next)) return afterRemoval(world, next);
  return next;
}

function isFinal(record: PodRecord): boolean {
  return record.status?.phase === 'Succeeded' || record.status?.phase === 'Failed';
}

function isStopped(record: PodRecord): boolean {
  const live = record.containers.some((c) => c.state === 'running' || c.state === 'unknown');
  const up = record.sandboxes.some((s) => !record.stoppedSandboxes.includes(s.id));
  return !live && !up && record.volumes === 'gone' && record.inFlight.length === 0;
}

function isRemoved(record: PodRecord): boolean {
  const cause = record.termination?.cause;
  const logsDone = cause === 'stopped' || cause === 'restarted' || record.said['logs'] === 'gone';
  return record.containers.length === 0 && record.sandboxes.length === 0 && record.inFlight.length === 0 && logsDone;
}

/** Starts over when it is wanted again; stays, empty, while an operator keeps it stopped. */
function afterRemoval(world: World, record: PodRecord): PodRecord | undefined {
  const { uid, key, namespace, name, desired, attempts, learned } = record;
  if (record.wanted && desired !== undefined) {
    const fresh = newRecord({ uid, key, namespace, name }, { wanted: true, seen: world.now, desired });
    return { ...fresh, attempts, learned };
  }
  const isListed = Object.values(world.sources).some((pods) => pods?.some((p) => p.uid === uid));
  return isListed && world.stopped[key] !== undefined ? record : undefined;
}
