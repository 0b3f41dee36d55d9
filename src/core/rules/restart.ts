// Whether a container that ended is started again. Pure.
// Rule: kubelet ShouldContainerBeRestarted; container-level policy and exit-code rules since Kubernetes 1.34, the rule
// that restarts all containers of the pod since 1.35.
import type { DesiredPod, RestartPolicy } from '../../api/desiredPod.ts';
import type { Container, ContainerRestartRule } from '../../api/kubernetes.ts';

/**
 * True when an instance that ended with `exitCode` is to be followed by another one.
 * Rules of the container come first, then its own policy, then the pod's.
 */
export function restartsAfterExit(pod: DesiredPod, container: Container, exitCode: number): boolean {
  if (matchingRule(container, exitCode) !== undefined) return true;
  return policyRestarts(effectivePolicy(pod, container), exitCode);
}

/** The same for an init container: one that failed is tried again under Always and OnFailure alike. */
export function initRestartsAfterExit(pod: DesiredPod, init: Container, exitCode: number): boolean {
  const inherited = pod.spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure';
  return restartsAfterExit(pod, { ...init, restartPolicy: init.restartPolicy ?? inherited }, exitCode);
}

/** True when an instance that ended with `exitCode` is to be followed by new ones of every container of its pod. */
export function restartsAllAfterExit(container: Container, exitCode: number): boolean {
  return matchingRule(container, exitCode)?.action === 'RestartAllContainers';
}

/** True when no exit code at all leads to another start. */
export function neverRestarts(pod: DesiredPod, container: Container): boolean {
  return effectivePolicy(pod, container) === 'Never' && (container.restartPolicyRules ?? []).length === 0;
}

export function effectivePolicy(pod: DesiredPod, container: Container): RestartPolicy {
  const own = container.restartPolicy;
  return own === 'Always' || own === 'OnFailure' || own === 'Never' ? own : pod.spec.restartPolicy;
}

function policyRestarts(policy: RestartPolicy, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** The first one counts. */
function matchingRule(container: Container, exitCode: number): ContainerRestartRule | undefined {
  return container.restartPolicyRules?.find((rule) => ruleMatches(rule, exitCode));
}

function ruleMatches(rule: ContainerRestartRule, exitCode: number): boolean {
  const listed = rule.exitCodes?.values?.includes(exitCode) ?? false;
  return rule.exitCodes?.operator === 'NotIn' ? !listed : listed;
}
