// What the world looks like from outside: pods with their status, notes, troubles, events. Built when somebody asks.
import { type ObjectKey, objectKey } from '../api/dataObject.ts';
import type { Pod } from '../api/kubernetes.ts';
import { objectsOfPod } from '../api/podObjects.ts';
import { PROBE_TYPES } from '../api/probeVerdict.ts';
import { formatTime } from '../api/time.ts';
import { probeState } from '../core/probing.ts';
import { pullText } from '../core/rules/pullText.ts';
import { isRemoval } from '../core/rules/termination.ts';
import { type PodRecord, sourcesReady, type World } from '../core/world.ts';
import type { PodEvent, PodNote, ProbeNote, RunnerSnapshot, SourceTrouble } from '../ports/runner.ts';
import { displayPod } from '../status/display.ts';

export function projectSnapshot(
  world: World,
  { version, troubles }: { readonly version: number; readonly troubles: readonly SourceTrouble[] },
): RunnerSnapshot {
  const shown = [...world.pods.values()].filter((r) => isShown(world, r)).sort(byKey);
  const pods = shown.map(podObject);
  const notes = shown.map((record, i) => [record.uid, noteOf(world, record, pods[i])] as const);
  const { runtime } = world;
  return {
    version,
    pods,
    notes: Object.fromEntries(notes),
    troubles: [...troubles, ...conflictTroubles(world)],
    events: world.events.map(eventOf),
    node: {
      name: world.settings.nodeName,
      runtimeReady: runtime.ready,
      networkReady: runtime.networkReady,
      runtime: runtime.name === '' ? 'unknown' : `${runtime.name} ${runtime.version}`,
      ...(runtime.message === '' ? {} : { message: runtime.message }),
      sourcesReady: sourcesReady(world),
    },
  };
}

/** Of two incarnations of one key the newer is shown; what the runtime holds without a manifest is shown while it ends. */
function isShown(world: World, record: PodRecord): boolean {
  if (record.desired === undefined && record.containers.length + record.sandboxes.length === 0) return false;
  if (record.wanted) return true;
  return ![...world.pods.values()].some((other) => other.key === record.key && other.wanted);
}

function byKey(a: PodRecord, b: PodRecord): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** It is on its way out, not merely done. */
function isEnding(record: PodRecord): boolean {
  return record.stage !== 'sync' && isRemoval(record);
}

/** The pod as the kubelet's /pods shows it. */
function podObject(record: PodRecord): Pod {
  const { desired, status, namespace, name, uid } = record;
  const created = formatTime(record.startTime ?? record.seen.wall);
  const ending =
    record.stage !== 'sync' && record.termination !== undefined && record.termination.cause !== 'completed';
  const deletion =
    ending && record.termination !== undefined
      ? {
          deletionTimestamp: formatTime(record.termination.since.wall),
          deletionGracePeriodSeconds: record.termination.graceSeconds,
        }
      : {};
  const metadata = { ...(desired?.metadata ?? { namespace, name, uid }), creationTimestamp: created, ...deletion };
  return {
    metadata,
    ...(desired === undefined ? {} : { spec: desired.spec }),
    ...(status === undefined ? {} : { status }),
  };
}

function noteOf(world: World, record: PodRecord, pod: Pod | undefined): PodNote {
  const { desired, waitingFor } = record;
  const isStopped = world.stopped[record.key] !== undefined;
  const until = waitingFor?.until;
  const pulls = Object.entries(record.pulls).map(([container, pull]) => ({
    container,
    image: pull.image,
    since: formatTime(pull.since.wall),
    text: pullText(pull, world.now),
  }));
  const isDown = isStopped && record.stage === 'terminated';
  return {
    uid: record.uid,
    key: record.key,
    display: pod === undefined ? 'Unknown' : displayPod(pod, { stopped: isDown, terminating: isEnding(record) }).status,
    ...(waitingFor === undefined || isDown ? {} : { waitingFor: `${waitingFor.reason}: ${waitingFor.message}` }),
    ...(until === undefined ? {} : { nextTryAt: formatTime(world.now.wall + until - world.now.mono) }),
    ...(pulls.length === 0 ? {} : { pulls }),
    origin: desired === undefined ? '' : `${desired.origin.location}:${desired.origin.line}`,
    hash: desired?.hash ?? '',
    ignoredFields: desired?.ignored ?? [],
    claims: desired === undefined ? [] : objectsOfPod(desired).claims.map((claim) => claimText(world, claim)),
    probes: probeNotes(record),
    stopped: isStopped,
  };
}

/** What is shown of the output of a probe: the rest is in the event. */
const OUTPUT_CHARS_MAX = 1_024;

function probeNotes(record: PodRecord): readonly ProbeNote[] {
  const running = record.containers.filter((c) => c.state === 'running');
  return running.flatMap((instance) =>
    PROBE_TYPES.flatMap((type): readonly ProbeNote[] => {
      const state = probeState(record, instance, type);
      if (state?.last === undefined) return [];
      const { verdict, at } = state.last;
      const inARow = verdict.result === 'error' ? 1 : state.streak.count;
      const output = verdict.output.slice(0, OUTPUT_CHARS_MAX);
      return [{ container: instance.name, type, result: verdict.result, output, at: formatTime(at.wall), inARow }];
    }),
  );
}

function claimText({ claims }: World, claim: ObjectKey): string {
  const facts = claims.get(objectKey(claim));
  return facts === undefined ? claim.name : `${claim.name} (${facts.storage})`;
}

function conflictTroubles(world: World): readonly SourceTrouble[] {
  return world.conflicts.map(({ key, kept, refused }) => ({
    location: refused.origin.location,
    kind: 'rejected',
    message:
      `${refused.origin.line}: pod ${key} is already given by ${kept.origin.location}:${kept.origin.line}; ` +
      'rename one of them or remove one',
    diagnostics: [],
  }));
}

function eventOf(event: World['events'][number]): PodEvent {
  const { type, reason, message, key, podUid, fieldPath, count, first, last } = event;
  return {
    type,
    reason,
    message,
    ...(key === undefined ? {} : { pod: key }),
    ...(podUid === undefined ? {} : { podUid }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
    count,
    firstTimestamp: formatTime(first.wall),
    lastTimestamp: formatTime(last.wall),
  };
}
