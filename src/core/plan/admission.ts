// Asks the node's rules before anything is made for a pod. What exists already is not put in question.
import { refusalOf, withoutRefusal } from '../rules/admission.ts';
import type { PodRecord, Trouble, World } from '../world.ts';

/** A refused pod is looked at again after 5 s, doubling to a minute: what it lacked may have come free. */
const INITIAL_MS = 5_000;
const MAX_MS = 60_000;

/** The record with the node's answer, where one is due. */
export function admit(world: World, record: PodRecord): PodRecord {
  if (record.admitted || record.stage !== 'sync' || record.desired === undefined || !world.runtime.observed)
    return record;
  if (record.sandboxes.length > 0 || record.containers.length > 0) return admitted(record);
  if (isWaitingForName(world, record)) return record;
  if (record.refusal !== undefined && world.now.mono < record.refusal.retryAt) return record;
  const refusal = refusalOf(world, record);
  if (refusal === undefined) return admitted(record);
  const failures = (record.refusal?.failures ?? 0) + 1;
  const delay = Math.min(INITIAL_MS * 2 ** Math.min(failures - 1, 10), MAX_MS);
  const trouble: Trouble = { ...refusal, since: world.now, failures, retryAt: world.now.mono + delay };
  return { ...record, refusal: trouble };
}

function admitted(record: PodRecord): PodRecord {
  return { ...withoutRefusal(record), admitted: true };
}

/** Another incarnation of the key has not wholly ended: what it holds may be what this one needs. */
export function isWaitingForName(world: World, record: PodRecord): boolean {
  return olderIncarnation(world, record) !== undefined;
}

export function olderIncarnation(world: World, record: PodRecord): PodRecord | undefined {
  for (const other of world.pods.values()) {
    if (other.key !== record.key || other.uid === record.uid) continue;
    if (other.wanted || other.stage !== 'terminated') return other;
  }
  return undefined;
}
