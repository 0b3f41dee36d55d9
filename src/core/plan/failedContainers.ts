// Running containers that must not go on: a probe or a postStart handler said so, or their definition changed.
// They are stopped here; that they start again follows from restart policy and back-off like after any exit.
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import { containerNamed, lastingContainers } from '../../api/podContainers.ts';
import type { ProbeType } from '../../api/probeVerdict.ts';
import { actionId } from '../action.ts';
import { probeOf, probeResult } from '../probing.ts';
import { isOutdated } from '../rules/replaced.ts';
import { restartsForSize } from '../rules/resize.ts';
import { effectivePolicy } from '../rules/restart.ts';
import { isForTheDead, newestInstance, type PodRecord, type World } from '../world.ts';
import { joined, NOTHING, type PodPlan } from './podPlan.ts';
import { planStopContainer } from './stopContainer.ts';

export function planFailedContainers(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined) return NOTHING;
  const plans = lastingContainers(pod.spec).map((container) => {
    const instance = newestInstance(record, container.name);
    if (instance?.state !== 'running') return NOTHING;
    const verdict = verdictOn(record, container, instance) ?? resizeVerdict(record, { pod, container, instance });
    if (verdict === undefined) return NOTHING;
    const { because, message, graceSeconds } = verdict;
    return planStopContainer(world, record, instance, { graceSeconds, because, message, isItsTurn: true });
  });
  const strays = record.containers.flatMap((instance) => {
    const because = strayBecause(record, pod, instance);
    if (because === undefined) return [];
    const graceSeconds = pod.spec.terminationGracePeriodSeconds;
    const message = `Stopping container ${instance.name}`;
    return [planStopContainer(world, record, instance, { graceSeconds, because, message, isItsTurn: true })];
  });
  const cancel = record.inFlight.filter((a) => isForTheDead(record, a)).map(actionId);
  return joined([...plans, ...strays, { ...NOTHING, cancel }]);
}

/** Why a container that runs is not one that should; undefined for all others. */
function strayBecause(record: PodRecord, pod: DesiredPod, { id, name, state }: ObservedContainer): string | undefined {
  if (state !== 'running') return undefined;
  if (containerNamed(pod.spec, name) === undefined) return 'The manifest has it no more';
  // It came into being after its call was given up.
  return newestInstance(record, name)?.id === id ? undefined : 'A newer instance took its place';
}

interface Verdict {
  readonly because: string;
  readonly message: string;
  readonly graceSeconds: number;
}

function verdictOn(record: PodRecord, container: DesiredContainer, instance: ObservedContainer): Verdict | undefined {
  const { name } = container;
  const graceSeconds = record.desired?.spec.terminationGracePeriodSeconds ?? 30;
  if (isOutdated(container, instance)) {
    return {
      because: 'Its definition changed',
      message: isInit(record, container)
        ? `Init container ${name} definition changed`
        : `Container ${name} definition changed, will be restarted`,
      graceSeconds,
    };
  }
  for (const type of ['liveness', 'startup'] as const) {
    const probe = probeOf(container, type);
    if (probe === undefined || probeResult(record, instance, type) !== 'failure') continue;
    const own = probe.terminationGracePeriodSeconds;
    return { ...words(record, container, type), graceSeconds: own ?? graceSeconds };
  }
  if (record.postStarts[instance.id] !== 'failed') return undefined;
  return { because: 'Its postStart handler failed', message: 'FailedPostStartHook', graceSeconds };
}

function isInit({ desired }: PodRecord, container: DesiredContainer): boolean {
  return desired?.spec.initContainers?.includes(container) ?? false;
}

function resizeVerdict(record: PodRecord, running: Parameters<typeof restartsForSize>[1]): Verdict | undefined {
  if (!restartsForSize(record, running)) return undefined;
  const { pod, container } = running;
  return {
    because: 'Its resources changed, and it asks to be restarted for that',
    message: `Container ${container.name} resize requires restart`,
    graceSeconds: pod.spec.terminationGracePeriodSeconds,
  };
}

function words(record: PodRecord, container: DesiredContainer, type: ProbeType): { because: string; message: string } {
  const because = `Its ${type} probe failed`;
  if (isInit(record, container)) return { because, message: `Init container ${container.name} failed ${type} probe` };
  const pod = record.desired;
  const restarts = pod !== undefined && effectivePolicy(pod, container) !== 'Never';
  const message = `Container ${container.name} failed ${type} probe${restarts ? ', will be restarted' : ''}`;
  return { because, message };
}
