// Tells running containers that files of their volumes were written anew, where their pod asks for it.
import { configChangeOf } from '../../api/configChange.ts';
import type { Action } from '../action.ts';
import type { PodRecord } from '../world.ts';
import { NOTHING, type PodPlan } from './podPlan.ts';

export function planSignals({ uid: podUid, desired, containers, signalsDue, inFlight }: PodRecord): PodPlan {
  const { signal } = desired === undefined ? {} : configChangeOf(desired);
  if (signal === undefined || signalsDue.length === 0) return NOTHING;
  const busy = new Set(inFlight.flatMap((a) => (a.kind === 'signalContainer' ? [a.containerId] : [])));
  const due = containers.filter(({ id, state }) => signalsDue.includes(id) && state === 'running' && !busy.has(id));
  const because = 'Files of its volumes have changed';
  const actions = due.map(
    ({ id, name }): Action => ({
      kind: 'signalContainer',
      podUid,
      container: name,
      containerId: id,
      signal,
      because,
    }),
  );
  return { ...NOTHING, actions };
}
