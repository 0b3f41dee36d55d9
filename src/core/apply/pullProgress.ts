// Folds how far a pull is. Word of a pull that is over comes too late and changes nothing.
import type { PullProgress } from '../../api/pullProgress.ts';
import type { PullAction } from '../action.ts';
import type { World } from '../world.ts';

export function applyPullProgress(
  world: World,
  { podUid, container, image }: PullAction,
  progress: PullProgress,
): World {
  const record = world.pods.get(podUid);
  const pull = record?.pulls[container];
  if (record === undefined || pull?.image !== image) return world;
  const pulls = { ...record.pulls, [container]: { ...pull, progress } };
  return { ...world, pods: new Map(world.pods).set(podUid, { ...record, pulls }) };
}
