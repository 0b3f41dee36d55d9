// Whether a container that ended is started again. Pure.
// Rule: kubelet ShouldContainerBeRestarted; container-level policy and exit-code rules since Kubernetes 1.34.
import type { DesiredPod, RestartPolicy } from '../../api/desiredPod.ts';
import type { Container, ContainerRestartRule } from '../../api/kubernetes.ts';

/**
 * True when an instance that ended with `exitCode` is to be followed by another one.
 * Rules of the container come first, then its own policy, then the pod's.
 */
export function restartsAfterExit(pod: DesiredPod, container: Container, exitCode: number): boolean {
  if (container.restartPolicyRules?.some((rule) => ruleMatches(rule, exitCode))) return true;
  return policyRestarts(effectivePolicy(pod, container), exitCode);
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

function ruleMatches(rule: ContainerRestartRule, exitCode: number): boolean {
  if (rule.action !== 'Restart') return false;
  const listed = rule.exitCodes?.values?.includes(exitCode) ?? false;
  return rule.exitCodes?.operator === 'NotIn' ? !listed : listed;
}
