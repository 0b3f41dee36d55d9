// Empties a pod in place, before all its containers start anew. It is meant to be quick: handlers do not run, and a
// container gets no more than the shortest grace period. Rule: kubelet RestartAllContainersOnContainerExits.
import { type Action, actionId } from '../action.ts';
import { MINIMUM_GRACE_SECONDS } from '../rules/termination.ts';
import { isLive, type PodRecord, type RestartAll, type World } from '../world.ts';
import { type Notice, type PodPlan, waiting } from './podPlan.ts';
import { BEGINNINGS, heldBack, isPointless } from './stopAll.ts';

const BECAUSE = 'All containers of the pod are restarted';

export function planRestartAll(world: World, record: PodRecord, { askers }: RestartAll): PodPlan {
  const hold = heldBack(world, record, 'stopContainer') ?? heldBack(world, record, 'removeContainer');
  if (hold !== undefined) return hold;
  const cancel = record.inFlight.filter((a) => isPointless(record, a) || a.kind === 'preStop').map(actionId);
  const live = record.containers.filter(isLive);
  const plan: PodPlan = { ...waiting('RestartingAllContainers', reasonOf(askers)), cancel, notices: notices(askers) };
  if (live.length > 0) {
    const killing = live.map(
      (c): Notice => ({
        topic: `killing/${c.name}`,
        cause: c.id,
        type: 'Normal',
        reason: 'Killing',
        message: `Stopping container ${c.name}: all containers of the pod are restarted`,
        container: c.name,
      }),
    );
    const actions = live.map(
      ({ id, name }): Action => ({
        kind: 'stopContainer',
        podUid: record.uid,
        container: name,
        containerId: id,
        graceSeconds: MINIMUM_GRACE_SECONDS,
        because: BECAUSE,
      }),
    );
    return { ...plan, actions, notices: [...plan.notices, ...killing] };
  }
  if (record.inFlight.some((a) => BEGINNINGS.has(a.kind))) return plan;
  return { ...plan, actions: removals(record, askers) };
}

/** Those who asked go last: until then they are how a restarted runner knows what was begun. */
function removals(record: PodRecord, askers: RestartAll['askers']): readonly Action[] {
  const others = record.containers.filter((c) => askers[c.name]?.containerId !== c.id);
  return (others.length > 0 ? others : record.containers).map((c) => ({
    kind: 'removeContainer',
    podUid: record.uid,
    containerId: c.id,
    logPath: c.logPath,
    logs: 'keep',
    because: BECAUSE,
  }));
}

function notices(askers: RestartAll['askers']): readonly Notice[] {
  return Object.entries(askers).map(([name, asker]) => ({
    topic: `restartAll/${name}`,
    cause: asker.containerId,
    type: 'Normal',
    reason: 'RestartingAllContainers',
    message: `${askerText(name, asker.exitCode)}, all containers of the pod will be restarted`,
    container: name,
  }));
}

function reasonOf(askers: RestartAll['askers']): string {
  const texts = Object.entries(askers).map(([name, { exitCode }]) => askerText(name, exitCode));
  return `All containers are restarted: ${texts.join(', ')}`;
}

function askerText(name: string, exitCode: number): string {
  return `Container ${name} exited with code ${exitCode}`;
}
