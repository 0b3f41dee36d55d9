// Folds an operator's wish into the world. Wishes are about keys: they outlive versions of a pod where that makes sense.
import { terminate } from '../rules/termination.ts';
import type { PodRecord, World } from '../world.ts';
import { reconcileWanted } from './source.ts';

export function applyRequest(world: World, verb: 'stop' | 'start' | 'restart', keys: readonly string[]): World {
  switch (verb) {
    case 'stop':
      return reconcileWanted({ ...world, stopped: { ...world.stopped, ...hashes(world, keys) } });
    case 'start':
      return reconcileWanted({ ...world, stopped: withoutKeys(world.stopped, keys) });
    case 'restart':
      return restart(reconcileWanted({ ...world, stopped: withoutKeys(world.stopped, keys) }), keys);
  }
}

function hashes(world: World, keys: readonly string[]): World['stopped'] {
  const wanted = [...world.pods.values()].filter((r) => keys.includes(r.key) && r.wanted);
  return Object.fromEntries(wanted.map((r) => [r.key, r.desired?.hash ?? '']));
}

function withoutKeys(stopped: World['stopped'], keys: readonly string[]): World['stopped'] {
  return Object.fromEntries(Object.entries(stopped).filter(([key]) => !keys.includes(key)));
}

/** A restarted pod ends like a removed one and then starts as new, with its back-off cleared. */
function restart(world: World, keys: readonly string[]): World {
  const pods = new Map<string, PodRecord>();
  for (const [uid, record] of world.pods) {
    const meant = record.wanted && keys.includes(record.key);
    pods.set(uid, meant ? terminate(record, 'restarted', world.now) : record);
  }
  return { ...world, pods };
}
