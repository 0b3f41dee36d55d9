// Which probes are due. A startup probe comes first and alone; the others begin when it has succeeded.
// Rule: kubelet prober worker.
import type { DesiredContainer } from '../../api/desiredPod.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import { lastingContainers } from '../../api/podContainers.ts';
import { PROBE_TYPES, type ProbeType } from '../../api/probeVerdict.ts';
import type { Action } from '../action.ts';
import { nextProbeAt, probeOf, probeResult } from '../probing.ts';
import { isStarted } from '../rules/started.ts';
import { newestInstance, type PodRecord, type World } from '../world.ts';
import { joined, NOTHING, type PodPlan } from './podPlan.ts';

export function planProbes(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined) return NOTHING;
  const plans: PodPlan[] = [];
  for (const container of lastingContainers(pod.spec)) {
    const instance = newestInstance(record, container.name);
    if (instance?.state !== 'running') continue;
    for (const type of PROBE_TYPES) plans.push(planProbe(world, record, { container, instance, type }));
  }
  return joined(plans);
}

interface Asked {
  readonly container: DesiredContainer;
  readonly instance: ObservedContainer;
  readonly type: ProbeType;
}

function planProbe(world: World, record: PodRecord, { container, instance, type }: Asked): PodPlan {
  const probe = probeOf(container, type);
  const pod = record.desired;
  if (probe === undefined || pod === undefined || !isAsked(record, { container, instance, type })) return NOTHING;
  const isUnderWay = record.inFlight.some(
    (a) => a.kind === 'probe' && a.containerId === instance.id && a.type === type,
  );
  if (isUnderWay) return NOTHING;
  const hasWaited = type === 'readiness' && container.startupProbe !== undefined;
  const at = nextProbeAt(record, instance, { type, probe, now: world.now, hasWaited });
  const now = world.now.mono;
  if (now < at) return { ...NOTHING, wakeAt: at };
  const podIP = record.sandboxes[0]?.ips[0];
  const action: Action = {
    kind: 'probe',
    podUid: record.uid,
    pod,
    container: container.name,
    containerId: instance.id,
    type,
    askedAt: now,
    ...(podIP === undefined ? {} : { podIP }),
    because: `The ${type} probe is due`,
  };
  return { ...NOTHING, actions: [action] };
}

function isAsked(record: PodRecord, { container, instance, type }: Asked): boolean {
  const started = isStarted(record, container);
  if (type === 'startup')
    return record.stage === 'sync' && !started && probeResult(record, instance, type) === 'unknown';
  if (!started) return false;
  if (type === 'readiness') return true;
  return record.stage === 'sync' && probeResult(record, instance, type) !== 'failure';
}
