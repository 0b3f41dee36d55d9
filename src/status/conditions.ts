// The conditions of a pod. Pure. Rule: kubelet status/generate.go.
import type { DesiredPod } from '../api/desiredPod.ts';
import { isSidecar } from '../api/desiredPod.ts';
import type { ContainerStatus, PodCondition } from '../api/kubernetes.ts';
import { allContainers, lastingContainers } from '../api/podContainers.ts';
import type { Phase, StatusesByName } from './phase.ts';

export interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export interface ConditionFacts {
  readonly phase: Phase;
  readonly statuses: StatusesByName;
  /** The sandbox is ready and has its address. */
  readonly sandboxReady: boolean;
  /** All containers are being stopped in order to start anew. */
  readonly isRestartingAll: boolean;
  /** RFC 3339 time of a change made now. */
  readonly now: string;
  readonly previous: readonly PodCondition[];
  /** Conditions of other rules, shown after these. */
  readonly more: readonly Verdict[];
}

export function conditionsOf(pod: DesiredPod, facts: ConditionFacts): readonly PodCondition[] {
  const containersReady = verdictContainersReady(pod, facts);
  const verdicts: readonly Verdict[] = [
    { type: 'PodReadyToStartContainers', status: facts.sandboxReady ? 'True' : 'False' },
    verdictInitialized(pod, facts),
    verdictReady(pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
    ...verdictRestartingAll(pod, facts),
    ...facts.more,
  ];
  return verdicts.map((verdict) => {
    const before = facts.previous.find((c) => c.type === verdict.type);
    const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : facts.now;
    return { ...verdict, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
  });
}

function verdictInitialized(pod: DesiredPod, { phase, statuses }: ConditionFacts): Verdict {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const begun = pod.spec.containers.some((c) => statuses.app.get(c.name)?.state?.running !== undefined);
  const incomplete = (pod.spec.initContainers ?? []).filter((c) => {
    const status = statuses.init.get(c.name);
    return isSidecar(c) ? status?.started !== true : status?.ready !== true;
  });
  if (begun || incomplete.length === 0) return { type, status: 'True' };
  const names = incomplete.map((c) => c.name).join(' ');
  return {
    type,
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  };
}

function verdictContainersReady(pod: DesiredPod, { phase, statuses }: ConditionFacts): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const status = (name: string): ContainerStatus | undefined => statuses.app.get(name) ?? statuses.init.get(name);
  const unready = lastingContainers(pod.spec).filter((c) => status(c.name)?.ready !== true);
  if (unready.length === 0) return { type, status: 'True' };
  const message = `containers with unready status: [${unready.map((c) => c.name).join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

/** Only for pods that may come to it. */
function verdictRestartingAll({ spec }: DesiredPod, { phase, isRestartingAll }: ConditionFacts): readonly Verdict[] {
  const type = 'AllContainersRestarting';
  const all = allContainers(spec);
  if (!all.some((c) => c.restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers'))) return [];
  if (phase === 'Succeeded') return [{ type, status: 'False', reason: 'PodCompleted' }];
  if (phase === 'Failed') return [{ type, status: 'False', reason: 'PodFailed' }];
  if (!isRestartingAll) return [{ type, status: 'False' }];
  const message = 'container exited with restart policy rule';
  return [{ type, status: 'True', reason: 'RestartAllContainersStarted', message }];
}

function verdictReady(pod: DesiredPod, containersReady: Verdict): Verdict {
  if (containersReady.status === 'False') return { ...containersReady, type: 'Ready' };
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return { type: 'Ready', status: 'True' };
  const message = gates
    .map((g) => `corresponding condition of pod readiness gate "${g.conditionType}" does not exist.`)
    .join(', ');
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message };
}
