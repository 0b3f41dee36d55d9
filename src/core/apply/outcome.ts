// Folds the outcome of an action into the world: the facts it brought back, the trouble it met.
import { configChangeOf } from '../../api/configChange.ts';
import { containerSize } from '../../api/containerSize.ts';
import type { DesiredContainer } from '../../api/desiredPod.ts';
import type { ObservedContainer, ObservedSandbox } from '../../api/observed.ts';
import { allContainers, containerNamed } from '../../api/podContainers.ts';
import type { ProbeVerdict } from '../../api/probeVerdict.ts';
import { imageKey, withoutImagesOf } from '../../api/wantedImages.ts';
import { without } from '../../lib/without.ts';
import type { Action } from '../action.ts';
import { actionId } from '../action.ts';
import { announce } from '../events.ts';
import type { ActionResult, Facts, OutcomeInput } from '../input.ts';
import { afterVerdict, probeKey, probeOf } from '../probing.ts';
import { evictionOf } from '../rules/localStorage.ts';
import { podSize } from '../rules/resize.ts';
import { trouble, UPKEEP } from '../rules/retry.ts';
import type { PodRecord, World } from '../world.ts';
import { outcomeAnnouncements } from './announcements.ts';
import { newestFirst, withAttempts, withTimes } from './observed.ts';

export function applyOutcome(world: World, { action, result }: OutcomeInput): World {
  const record = world.pods.get(action.podUid);
  if (record === undefined) return world;
  const landed = land(record, action);
  const learned = learn(landed, action, { facts: result.facts, world });
  const folded = result.ok
    ? succeed(learned, action, { facts: result.facts, world })
    : fail(learned, { action, result, world });
  const next = isInDoubt(action, result) ? { ...folded, observeFrom: world.now.mono } : folded;
  const landedWorld: World = { ...world, pods: new Map(world.pods).set(record.uid, next) };
  const told = outcomeAnnouncements(action, result, sinceAsked(record, action, world));
  return told.reduce((w, a) => announce(w, next, a), landedWorld);
}

/** True when what the action left in the runtime is not known: look before anything is planned on it. */
function isInDoubt(action: Action, result: ActionResult): boolean {
  if (!result.ok && result.fault.kind === 'unknownOutcome') return true;
  switch (action.kind) {
    case 'startContainer':
    case 'startCreated':
    case 'stopContainer':
      return result.facts.container === undefined;
    case 'createSandbox':
    case 'stopSandbox':
    case 'removeContainer':
    case 'removeSandbox':
      return !result.ok;
    default:
      return false;
  }
}

/** How long a pull took, the wait for its turn included. */
function sinceAsked({ pulls }: PodRecord, action: Action, { now }: World): number {
  const pull = action.kind === 'pullImage' ? pulls[action.container] : undefined;
  return pull === undefined ? 0 : now.mono - pull.since.mono;
}

function land(record: PodRecord, action: Action): PodRecord {
  const id = actionId(action);
  const landed = { ...record, inFlight: record.inFlight.filter((a) => actionId(a) !== id) };
  return action.kind === 'pullImage' ? { ...landed, pulls: without(record.pulls, action.container) } : landed;
}

function learn(record: PodRecord, action: Action, { facts, world }: { facts: Facts; world: World }): PodRecord {
  const imageFor = action.kind === 'inspectImage' || action.kind === 'pullImage' ? imageKey(action) : undefined;
  let next = record;
  if (facts.sandbox !== undefined) next = { ...next, sandboxes: replace(next.sandboxes, facts.sandbox) };
  if (facts.container !== undefined) next = { ...next, containers: replace(next.containers, facts.container) };
  for (const object of [facts.sandbox, facts.container]) {
    if (object !== undefined) next = mark(next, object.id, { gone: false, world });
  }
  if (facts.image !== undefined && imageFor !== undefined) {
    next = { ...next, images: { ...next.images, [imageFor]: facts.image } };
  }
  if (facts.lastAttempts !== undefined) next = { ...next, attempts: highest(next.attempts, facts.lastAttempts) };
  return withTimes(withAttempts(next), world);
}

function replace<T extends ObservedSandbox | ObservedContainer>(list: readonly T[], item: T): readonly T[] {
  return [...list.filter((o) => o.id !== item.id), item].sort(newestFirst);
}

function mark(record: PodRecord, id: string, { gone, world }: { gone: boolean; world: World }): PodRecord {
  return { ...record, learned: { ...record.learned, [id]: { at: world.now.mono, gone } } };
}

function highest(a: PodRecord['attempts'], b: PodRecord['attempts']): PodRecord['attempts'] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((n) => [n, Math.max(a[n] ?? -1, b[n] ?? -1)]));
}

function succeed(record: PodRecord, action: Action, { facts, world }: { facts: Facts; world: World }): PodRecord {
  const cleared = { ...record, podFaults: without(record.podFaults, action.kind) };
  switch (action.kind) {
    case 'setUpPod': {
      const shown = action.hosts === undefined ? {} : { neighbours: action.hosts.neighbours };
      return withSignalsDue(
        { ...cleared, volumes: 'ready', podSize: podSize(action.pod), contents: action.contents, ...shown },
        facts,
      );
    }
    case 'refreshVolumes':
      return withSignalsDue({ ...cleared, contents: action.contents }, facts);
    case 'refreshHosts':
      return { ...cleared, neighbours: action.hosts.neighbours };
    case 'measureVolumes':
      return afterMeasure(cleared, facts, world);
    case 'signalContainer':
      return withoutSignal(cleared, action.containerId);
    case 'resizePod':
      return { ...cleared, podSize: podSize(action.pod), sizes: { ...record.sizes, ...sizesAfter(action) } };
    case 'removeLogs':
      return { ...cleared, said: { ...record.said, logs: 'gone' } };
    case 'createSandbox':
      return cleared;
    case 'inspectImage':
    case 'pullImage':
      return cleared;
    case 'startContainer':
    case 'startCreated':
      return {
        ...withPostStartDue(withAttempt(cleared, action), action.container, facts),
        images: withoutImagesOf(record.images, action.container),
        startFaults: without(record.startFaults, action.container),
      };
    case 'stopContainer':
      // One that was only created cannot be told anything: should it run later, its clock begins then.
      return facts.container?.state === 'created' || facts.container?.state === 'running'
        ? afterFailedStop(cleared, action.containerId)
        : cleared;
    case 'stopSandbox':
      return {
        ...mark(cleared, action.sandboxId, { gone: false, world }),
        sandboxes: record.sandboxes.map((s) => (s.id === action.sandboxId ? { ...s, state: 'notReady' } : s)),
        stoppedSandboxes: [...record.stoppedSandboxes, action.sandboxId],
      };
    case 'removeContainer':
      return {
        ...mark(cleared, action.containerId, { gone: true, world }),
        containers: record.containers.filter((c) => c.id !== action.containerId),
      };
    case 'removeSandbox':
      return {
        ...mark(cleared, action.sandboxId, { gone: true, world }),
        sandboxes: record.sandboxes.filter((s) => s.id !== action.sandboxId),
        stoppedSandboxes: record.stoppedSandboxes.filter((id) => id !== action.sandboxId),
      };
    case 'tearDownPod':
      return { ...cleared, volumes: 'gone' };
    case 'probe':
      return facts.verdict === undefined ? cleared : withVerdict(cleared, action, { verdict: facts.verdict, world });
    case 'postStart':
      return { ...cleared, postStarts: without(record.postStarts, action.containerId) };
    case 'preStop':
      return afterPreStop(cleared, action.containerId, world);
  }
}

/** Running containers that see the new files: a mount of a part of a volume keeps the old ones. */
function withSignalsDue(record: PodRecord, { rewritten = [] }: Facts): PodRecord {
  if (rewritten.length === 0 || record.desired === undefined || configChangeOf(record.desired).signal === undefined)
    return record;
  const sees = ({ volumeMounts = [] }: DesiredContainer): boolean =>
    volumeMounts.some((m) => rewritten.includes(m.name) && !m.subPath && !m.subPathExpr);
  const names = new Set(allContainers(record.desired.spec).flatMap((c) => (sees(c) ? [c.name] : [])));
  const due = record.containers.filter(({ name, state }) => state === 'running' && names.has(name));
  return { ...record, signalsDue: [...new Set([...record.signalsDue, ...due.map(({ id }) => id)])] };
}

function withoutSignal(record: PodRecord, containerId: string): PodRecord {
  return { ...record, signalsDue: record.signalsDue.filter((id) => id !== containerId) };
}

function afterMeasure(record: PodRecord, { usage = {} }: Facts, world: World): PodRecord {
  const eviction = record.desired === undefined ? undefined : evictionOf(record.desired, usage);
  const begunAt = record.measured?.begunAt ?? world.now.mono;
  const measured = { begunAt, endedAt: world.now.mono };
  return { ...record, measured, ...(eviction === undefined ? {} : { eviction }) };
}

function sizesAfter({ pod, containers }: Extract<Action, { kind: 'resizePod' }>): PodRecord['sizes'] {
  return Object.fromEntries(
    containers.flatMap(({ id, name }) => {
      const container = containerNamed(pod.spec, name);
      return container === undefined ? [] : [[id, containerSize(pod, container)]];
    }),
  );
}

/** It has run, even if it was gone again before it could be looked at. */
function withAttempt(record: PodRecord, action: Action): PodRecord {
  if (action.kind !== 'startContainer') return record;
  const attempts = highest(record.attempts, { [action.container]: action.attempt });
  return { ...record, attempts, neighbours: action.neighbours };
}

function withPostStartDue(record: PodRecord, name: string, { container }: Facts): PodRecord {
  if (container === undefined || containerNamed(record.desired?.spec, name)?.lifecycle?.postStart === undefined)
    return record;
  return { ...record, postStarts: { ...record.postStarts, [container.id]: 'due' } };
}

function afterPreStop(record: PodRecord, id: string, world: World): PodRecord {
  const { since = world.now.mono, isRestart = false } = record.stops[id] ?? {};
  return { ...record, stops: { ...record.stops, [id]: { since, preStop: 'done', isRestart } } };
}

type ProbeAction = Extract<Action, { kind: 'probe' }>;

function withVerdict(
  record: PodRecord,
  { container, containerId, type, askedAt }: ProbeAction,
  { verdict, world }: { verdict: ProbeVerdict; world: World },
): PodRecord {
  const instance = record.containers.find((c) => c.id === containerId);
  const spec = containerNamed(record.desired?.spec, container);
  const probe = spec === undefined ? undefined : probeOf(spec, type);
  if (instance === undefined || probe === undefined) return record;
  const state = afterVerdict(record, { instance, type, probe, verdict, at: world.now, askedAt });
  return { ...record, probes: { ...record.probes, [probeKey(container, type)]: state } };
}

interface Failure {
  readonly action: Action;
  readonly result: Extract<ActionResult, { ok: false }>;
  readonly world: World;
}

function fail(record: PodRecord, { action, result, world }: Failure): PodRecord {
  const { fault } = result;
  if (action.kind === 'preStop') return afterPreStop(record, action.containerId, world);
  if (action.kind === 'signalContainer') return withoutSignal(record, action.containerId);
  if (fault.kind === 'cancelled') return record;
  if (action.kind === 'stopContainer')
    return withTrouble(afterFailedStop(record, action.containerId), { action, result, world });
  if (action.kind === 'postStart') {
    const { container, containerId } = action;
    return {
      ...record,
      postStarts: { ...record.postStarts, [containerId]: 'failed' },
      startFaults: { ...record.startFaults, [container]: trouble(record.startFaults[container], fault, world.now) },
    };
  }
  if (isStart(action)) {
    const { container } = action;
    // Without an answer it may have run, and be gone again before anybody looks: its number is taken.
    const counted = fault.kind === 'unknownOutcome' ? withAttempt(record, action) : record;
    const newest = trouble(record.startFaults[container], fault, world.now);
    const told = action.kind === 'pullImage' ? { ...newest, image: action.image } : newest;
    return {
      ...counted,
      images: withoutImagesOf(record.images, container),
      startFaults: { ...record.startFaults, [container]: told },
    };
  }
  return withTrouble(record, { action, result, world });
}

function withTrouble(record: PodRecord, { action: { kind }, result, world }: Failure): PodRecord {
  const pace = ['refreshVolumes', 'refreshHosts', 'resizePod'].includes(kind) ? UPKEEP : undefined;
  return {
    ...record,
    podFaults: { ...record.podFaults, [kind]: trouble(record.podFaults[kind], result.fault, world.now, pace) },
  };
}

function afterFailedStop(record: PodRecord, id: string): PodRecord {
  const { preStop = 'done', isRestart = false } = record.stops[id] ?? {};
  return { ...record, stops: { ...record.stops, [id]: { preStop, isRestart } } };
}

function isStart(
  action: Action,
): action is Extract<Action, { kind: 'inspectImage' | 'pullImage' | 'startContainer' | 'startCreated' }> {
  return ['inspectImage', 'pullImage', 'startContainer', 'startCreated'].includes(action.kind);
}
