// plan(world, record) says what to do for one pod now: the order of phases, no detail. Pure and replayable.
import { planCleanUp } from './plan/cleanUp.ts';
import { type PodPlan, waiting } from './plan/podPlan.ts';
import { planSync } from './plan/sync.ts';
import { planTermination } from './plan/termination.ts';
import type { PodRecord, World } from './world.ts';

export function planPod(world: World, record: PodRecord): PodPlan {
  if (!world.runtime.observed)
    return waiting('RuntimeNotObserved', 'Waiting for a first look at the container runtime');
  if (!world.runtime.ready) return waiting('ContainerRuntimeNotReady', world.runtime.message);
  if (record.observeFrom !== undefined)
    return waiting('Observing', 'An outcome is unknown; looking at the runtime first');
  switch (record.stage) {
    case 'sync':
      return planSync(world, record);
    case 'terminating':
      return planTermination(world, record);
    case 'terminated':
      return planCleanUp(world, record);
  }
}
