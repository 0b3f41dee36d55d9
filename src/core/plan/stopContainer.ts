// Ends one instance: its preStop handler first, within the grace period, then the stop signal with what is left.
// Rule: kubelet killContainer: the time of the handler is taken from the grace period, with a floor of 2 s.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { LifecycleHandler } from '../../api/kubernetes.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import { containerNamed } from '../../api/podContainers.ts';
import type { MonoMs } from '../../api/time.ts';
import { type Action, actionId } from '../action.ts';
import { recordedPod } from '../rules/recorded.ts';
import { MINIMUM_GRACE_SECONDS } from '../rules/termination.ts';
import type { PodRecord, Stopping, World } from '../world.ts';
import { NOTHING, type PodPlan } from './podPlan.ts';

/** Grace periods reach the runtime in whole seconds. */
const ROUNDING_MS = 1_000;

export interface Ending {
  readonly graceSeconds: number;
  /** When the clock of the grace period began; the first step of the end where it is not given. */
  readonly since?: MonoMs;
  /** Internal reason, for the log. */
  readonly because: string;
  /** What the Killing event says. */
  readonly message: string;
  /** A sidecar waits for its turn after its handler. */
  readonly isItsTurn: boolean;
}

export function planStopContainer(
  world: World,
  record: PodRecord,
  instance: ObservedContainer,
  ending: Ending,
): PodPlan {
  const { id, name } = instance;
  const stopping = record.stops[id];
  const now = world.now.mono;
  const deadline = (ending.since ?? stopping?.since ?? now) + ending.graceSeconds * 1000;
  const isAsked = record.inFlight.some((a) => a.kind === 'stopContainer' && a.containerId === id);
  if (isAsked && !hasShrunk(deadline, stopping, now)) return NOTHING;
  const notices = [
    {
      topic: `killing/${name}`,
      cause: id,
      type: 'Normal' as const,
      reason: 'Killing',
      message: ending.message,
      container: name,
    },
  ];
  const pod = record.desired ?? recordedPod(record, instance);
  const handler = pod === undefined ? undefined : preStopOf(pod, instance);
  if (stopping?.preStop === 'running') {
    if (now < deadline) return { ...NOTHING, wakeAt: deadline };
    return {
      ...NOTHING,
      cancel: record.inFlight.filter((a) => a.kind === 'preStop' && a.containerId === id).map(actionId),
    };
  }
  if (stopping?.preStop !== 'done' && handler !== undefined && pod !== undefined && now < deadline) {
    const podIP = record.sandboxes[0]?.ips[0];
    const action: Action = {
      kind: 'preStop',
      podUid: record.uid,
      pod,
      container: name,
      containerId: id,
      handler,
      timeoutMs: deadline - now,
      ...(podIP === undefined ? {} : { podIP }),
      because: ending.because,
    };
    return { ...NOTHING, actions: [action], notices, wakeAt: deadline };
  }
  if (!ending.isItsTurn && now < deadline) return { ...NOTHING, wakeAt: deadline };
  const graceSeconds = Math.max(MINIMUM_GRACE_SECONDS, Math.ceil((deadline - now) / 1000));
  const { because } = ending;
  const action: Action = {
    kind: 'stopContainer',
    podUid: record.uid,
    container: name,
    containerId: id,
    graceSeconds,
    because,
  };
  return { ...NOTHING, actions: [action], notices };
}

/** The grace period has become so much shorter since the runtime was asked that it has to be asked again. */
function hasShrunk(deadline: MonoMs, stopping: Stopping | undefined, now: MonoMs): boolean {
  const killAt = Math.max(deadline, now + MINIMUM_GRACE_SECONDS * 1000);
  return stopping?.killAt !== undefined && killAt + ROUNDING_MS < stopping.killAt;
}

/** Only a running container can be asked to prepare for its end. */
function preStopOf({ spec }: DesiredPod, instance: ObservedContainer): LifecycleHandler | undefined {
  if (instance.state !== 'running') return undefined;
  return containerNamed(spec, instance.name)?.lifecycle?.preStop;
}
