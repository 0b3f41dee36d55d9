// What the process of a container does: when it ends by itself, with which code, and whether it heeds the stop signal.
import type { DesiredContainer, DesiredPod } from '../../src/api/desiredPod.ts';
import { isSidecar } from '../../src/api/desiredPod.ts';
import { restartsAfterExit } from '../../src/core/rules/restart.ts';
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';

export interface Program {
  /** Undefined: it runs until it is stopped. */
  readonly endsAfterMs?: number;
  readonly exitCode: number;
  /** Undefined: it ignores the stop signal. */
  readonly obeysAfterMs?: number;
}

export function drawProgram(random: Random, swarm: Swarm, pod: DesiredPod, container: DesiredContainer): Program {
  const isInit = pod.spec.initContainers?.some((c) => c.name === container.name) ?? false;
  const obedience = random.chance(0.2) ? {} : { obeysAfterMs: random.delay(200) };
  if (random.chance(swarm.crash)) {
    const exitCode = random.pick([0, 1, 2, 42, 137]);
    return { endsAfterMs: random.delay(random.pick([50, 3_000, 60_000])), exitCode, ...obedience };
  }
  const mustEnd = isInit && !isSidecar(container);
  const mayEnd = !isInit && !restartsAfterExit(pod, container, 0) && random.chance(0.5);
  return mustEnd || mayEnd
    ? { endsAfterMs: random.delay(1_000), exitCode: 0, ...obedience }
    : { exitCode: 0, ...obedience };
}
