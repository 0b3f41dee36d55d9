// Folds a source's full set of pods into the world: who is wanted, who has to go, who lost the name to another.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { SourceSnapshotInput } from '../input.ts';
import { allocated } from '../rules/resize.ts';
import { shrinkGrace, terminate } from '../rules/termination.ts';
import type { Conflict, PodRecord, World } from '../world.ts';
import { newRecord, sourcesReady } from '../world.ts';

export function applySource(world: World, { source, pods }: SourceSnapshotInput): World {
  return reconcileWanted({ ...world, sources: { ...world.sources, [source]: pods } });
}

/** Brings every record in line with what all sources ask for and operators wish. Idempotent. */
export function reconcileWanted(world: World): World {
  const { chosen, conflicts } = chooseByKey(world);
  const stopped = Object.fromEntries(
    Object.entries(world.stopped).filter(([key, hash]) => {
      const pod = chosen.get(key);
      return pod === undefined ? !sourcesReady(world) : pod.hash === hash;
    }),
  );
  const next: World = { ...world, conflicts, stopped };
  const pods = new Map(world.pods);
  for (const pod of chosen.values()) {
    const before = pods.get(pod.uid);
    if (before !== undefined || !world.draining) pods.set(pod.uid, withDesired(next, before, pod));
  }
  for (const [uid, record] of pods) {
    const pod = chosen.get(record.key);
    if (pod?.uid === uid) continue;
    if (sourcesReady(world)) pods.set(uid, unwanted(next, record, pod));
    else if (record.wanted && stopped[record.key] !== undefined)
      pods.set(uid, terminate({ ...record, wanted: false }, 'stopped', world.now));
  }
  return { ...next, pods };
}

/**
 * How good a pod's title to its name is: a restarted runner finds it running, whatever it learns first; or it is meant
 * to run, or an operator has stopped it, so that its rival does not run in its place.
 */
function titleOf(world: World, { uid, key, hash }: DesiredPod): 0 | 1 | 2 {
  const record = world.pods.get(uid);
  const isAdopted = record?.desired !== undefined || record?.termination !== undefined;
  if (!isAdopted && record?.sandboxes.some(({ state }) => state === 'ready') === true) return 2;
  return record?.wanted === true || world.stopped[key] === hash ? 1 : 0;
}

/** One pod per key: the one that has the name already keeps it, else the first of the sources in their order. */
function chooseByKey(world: World): { chosen: Map<string, DesiredPod>; conflicts: readonly Conflict[] } {
  const chosen = new Map<string, DesiredPod>();
  const conflicts: Conflict[] = [];
  for (const pod of Object.values(world.sources).flatMap((pods) => pods ?? [])) {
    const rival = chosen.get(pod.key);
    if (rival === undefined || rival.uid === pod.uid) {
      chosen.set(pod.key, pod);
      continue;
    }
    const [kept, refused] = titleOf(world, pod) > titleOf(world, rival) ? [pod, rival] : [rival, pod];
    chosen.set(pod.key, kept);
    conflicts.push({ key: pod.key, kept, refused });
  }
  return { chosen, conflicts };
}

function withDesired(world: World, before: PodRecord | undefined, pod: DesiredPod): PodRecord {
  const { namespace, name } = pod.metadata;
  const isStopped = world.stopped[pod.key] !== undefined;
  const wanted = !isStopped && !world.draining;
  const identity = { uid: pod.uid, key: pod.key, namespace, name };
  // A record that was made for a directory does not know its name yet.
  const record = before === undefined ? newRecord(identity, { wanted, seen: world.now }) : { ...before, ...identity };
  const isKnown = before?.desired?.hash === pod.hash && before.resizePending === undefined;
  const { desired, resizePending } = isKnown
    ? { desired: before.desired }
    : { resizePending: undefined, ...allocated(world, before, stamped(pod, record)) };
  const { resizePending: _, ...settled } = record;
  const sized = resizePending === undefined ? settled : { ...settled, resizePending };
  const next = shrinkGrace({ ...sized, desired, wanted }, pod.spec.terminationGracePeriodSeconds, world.now);
  if (wanted) return next;
  return terminate(next, isStopped ? 'stopped' : 'drained', world.now);
}

/** The annotation that a kubelet adds when it first sees a pod. */
function stamped(pod: DesiredPod, record: PodRecord): DesiredPod {
  const seen = `${new Date(record.seen.wall).toISOString().slice(0, 23)}000000Z`;
  const annotations = { ...pod.metadata.annotations, 'kubernetes.io/config.seen': seen };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

function unwanted(world: World, record: PodRecord, successor: DesiredPod | undefined): PodRecord {
  const cause = record.desired === undefined ? 'orphaned' : successor === undefined ? 'removed' : 'replaced';
  const next = record.wanted ? { ...record, wanted: false } : record;
  return terminate(next, cause, world.now);
}
