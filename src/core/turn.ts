// One turn of the loop: fold the inputs, settle what has ended, plan the pods that something changed for, project
// their status. Pure: the same inputs give the same turn, byte for byte.
import type { MonoMs, WallMs } from '../api/time.ts';
import { nextStatusChange } from '../status/nextChange.ts';
import { projectStatus } from '../status/podStatus.ts';
import { type Action, actionId } from './action.ts';
import { dispatched } from './apply/dispatched.ts';
import { apply } from './apply.ts';
import { announce } from './events.ts';
import type { Input } from './input.ts';
import { admit } from './plan/admission.ts';
import type { PodPlan } from './plan/podPlan.ts';
import { planPod } from './plan.ts';
import { withNeighbours } from './rules/neighbours.ts';
import { settle } from './rules/settle.ts';
import type { PodRecord, World } from './world.ts';

export interface Turn {
  readonly world: World;
  /** To be executed now. */
  readonly actions: readonly Action[];
  /** Ids of actions in flight to abort. */
  readonly cancel: readonly string[];
  /** Pods that need a look at the runtime before they can be planned again. */
  readonly observe: readonly string[];
  /** Take another turn then, though nothing happens. */
  readonly wakeAt?: MonoMs;
}

export function takeTurn(before: World, inputs: readonly Input[]): Turn {
  let world = withNeighbours(inputs.reduce(apply, before));
  const actions: Action[] = [];
  const cancel: string[] = [];
  for (const uid of duePods(before, world)) {
    const turned = turnPod(world, uid);
    world = turned.world;
    actions.push(...turned.plan.actions);
    cancel.push(...turned.plan.cancel);
  }
  const wakes = [...world.agenda.values()];
  return {
    world,
    actions,
    cancel,
    observe: inDoubt(world),
    ...(wakes.length === 0 ? {} : { wakeAt: Math.min(...wakes) }),
  };
}

/** A runtime that cannot be reached is not asked again and again: its return brings a look at everything. */
function inDoubt(world: World): readonly string[] {
  if (!world.runtime.ready) return [];
  return [...world.pods.values()].filter((r) => r.observeFrom !== undefined).map((r) => r.uid);
}

/** Pods whose record changed, whose time has come, or whose key a changed pod shares. */
function duePods(before: World, world: World): readonly string[] {
  if (before.runtime !== world.runtime || before.draining !== world.draining) return [...world.pods.keys()];
  if (before.neighbours !== world.neighbours) return [...world.pods.keys()];
  const changedKeys = new Set<string>();
  const due = new Set<string>();
  for (const [uid, record] of world.pods) {
    const isDue = (world.agenda.get(uid) ?? Number.POSITIVE_INFINITY) <= world.now.mono;
    if (record === before.pods.get(uid) && !isDue) continue;
    due.add(uid);
    changedKeys.add(record.key);
  }
  for (const [uid, record] of world.pods) if (changedKeys.has(record.key)) due.add(uid);
  return [...due];
}

function turnPod(world: World, uid: string): { world: World; plan: Pick<PodPlan, 'actions' | 'cancel'> } {
  const record = world.pods.get(uid);
  if (record === undefined) return { world, plan: { actions: [], cancel: [] } };
  const projected = project(world, admit(world, record));
  const settled = settle(world, projected);
  if (settled === undefined) return forget(world, record);
  const current = settled === projected ? projected : project(world, admit(world, settled));
  const plan = planPod(world, current);
  const fresh = plan.actions.filter((a) => !current.inFlight.some((b) => actionId(a) === actionId(b)));
  const handedOut = fresh.reduce((r, action) => dispatched(r, action, world), withWaiting(current, plan));
  // People see at once what is being fetched.
  const isPulling = fresh.some((a) => a.kind === 'pullImage');
  const next = isPulling ? { ...handedOut, status: projectStatus(world, handedOut) } : handedOut;
  const pods = new Map(world.pods).set(uid, sayAll(next, plan));
  const agenda = withWake(world.agenda, uid, earliest(plan.wakeAt, nextStatusChange(world, next)));
  const said = plan.notices
    .filter((n) => current.said[n.topic] !== n.cause)
    .reduce((w, notice) => announce(w, current, notice), { ...world, pods, agenda } as World);
  const told = fresh
    .filter((a) => a.kind === 'pullImage')
    .reduce(
      (w, a) =>
        announce(w, current, {
          type: 'Normal',
          reason: 'Pulling',
          message: `Pulling image "${a.image}"`,
          ...(a.volume === undefined ? { container: a.container } : {}),
        }),
      said,
    );
  return { world: told, plan: { actions: fresh, cancel: plan.cancel } };
}

function project(world: World, record: PodRecord): PodRecord {
  const status = projectStatus(world, record);
  // Before the first look it is not known whether it has been active for long.
  if (record.startTime !== undefined || !world.runtime.observed) return { ...record, status };
  const startTime = startTimeOf(world, record);
  return { ...record, status, startTime, activeSince: world.now.mono - (world.now.wall - startTime) };
}

/** An adopted pod has been active since its first sandbox was made. */
function startTimeOf(world: World, record: PodRecord): WallMs {
  return Math.min(world.now.wall, ...record.sandboxes.map((s) => s.createdAt));
}

/** The last of a pod: those who waited for its name are planned again at once. */
function forget(world: World, record: PodRecord): { world: World; plan: Pick<PodPlan, 'actions' | 'cancel'> } {
  const pods = new Map(world.pods);
  pods.delete(record.uid);
  const agenda = new Map(world.agenda);
  agenda.delete(record.uid);
  for (const other of pods.values()) if (other.key === record.key) agenda.set(other.uid, world.now.mono);
  return { world: { ...world, pods, agenda }, plan: { actions: [], cancel: [] } };
}

function withWaiting(record: PodRecord, plan: PodPlan): PodRecord {
  const { waitingFor: _, ...rest } = record;
  return plan.waitingFor === undefined ? rest : { ...rest, waitingFor: plan.waitingFor };
}

function sayAll(record: PodRecord, plan: PodPlan): PodRecord {
  if (plan.notices.length === 0) return record;
  const said = Object.fromEntries(plan.notices.map((n) => [n.topic, n.cause]));
  return { ...record, said: { ...record.said, ...said } };
}

function withWake(agenda: World['agenda'], uid: string, wakeAt: MonoMs | undefined): World['agenda'] {
  const next = new Map(agenda);
  if (wakeAt === undefined) next.delete(uid);
  else next.set(uid, wakeAt);
  return next;
}

function earliest(a: MonoMs | undefined, b: MonoMs | undefined): MonoMs | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
