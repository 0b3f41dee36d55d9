// world' = apply(world, input): folds one fact into the world. No clock, no I/O; time is in the input.
import { assertNever } from '../lib/assert.ts';
import { applyObjects } from './apply/objects.ts';
import { applyObserved } from './apply/observed.ts';
import { applyOutcome } from './apply/outcome.ts';
import { applyPullProgress } from './apply/pullProgress.ts';
import { applyRequest } from './apply/request.ts';
import { applySource, reconcileWanted } from './apply/source.ts';
import { announceNode } from './events.ts';
import type { Input } from './input.ts';
import type { World } from './world.ts';
import { newRecord } from './world.ts';

export function apply(before: World, input: Input): World {
  const world: World = { ...before, now: input.at };
  switch (input.kind) {
    case 'sourceSnapshot':
      return applySource(world, input);
    case 'objects':
      return applyObjects(world, input.objects);
    case 'observed':
      return reconcileWanted(applyObserved(world, input.observation, input.startedAt));
    case 'runtimeStatus': {
      const { runtime, network, features } = input.status;
      const message = [runtime, network].filter((c) => !c.ok).map((c) => `${c.reason}: ${c.message}`);
      return {
        ...world,
        runtime: {
          ...world.runtime,
          ...input.version,
          ready: runtime.ok,
          networkReady: network.ok,
          message: message.join('; '),
          features,
        },
      };
    }
    case 'runtimeLost':
      return { ...world, runtime: { ...world.runtime, observed: false, ready: false, message: input.fault.message } };
    case 'podDirectories':
      return reconcileWanted(withDirectories(world, input.podUids));
    case 'outcome':
      return applyOutcome(world, input);
    case 'nodeEvent': {
      const { type, reason, message } = input;
      return announceNode(world, { type, reason, message });
    }
    case 'pullProgress':
      return applyPullProgress(world, input.action, input.progress);
    case 'wake':
      return world;
    case 'request':
      return applyRequest(world, input.verb, input.keys);
    case 'drain':
      return reconcileWanted({ ...world, draining: true });
    default:
      return assertNever(input);
  }
}

/** A directory without a pod becomes a pod without a manifest: it ends like any orphan. */
function withDirectories(world: World, podUids: readonly string[]): World {
  const pods = new Map(world.pods);
  for (const uid of podUids) {
    if (pods.has(uid)) continue;
    const identity = { uid, key: `unknown/${uid}`, namespace: 'unknown', name: uid };
    pods.set(uid, newRecord(identity, { wanted: false, seen: world.now }));
  }
  return { ...world, pods };
}
