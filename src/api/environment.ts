// Environment of a container, and its command and args with $(NAME) put in. Pure.
// Rule: kubelet_pods.go makeEnvironmentVariables. A later entry wins over an earlier one of the same name; a value may
// refer to earlier entries only. The reference's result has no order; here it is the order of first mention.
import { err, ok, type Result } from '../lib/result.ts';
import type { DesiredContainer, DesiredPod } from './desiredPod.ts';
import { fieldValue, resourceValue } from './downwardApi.ts';
import { expand } from './expansion.ts';
import type { EnvVar, EnvVarSource } from './kubernetes.ts';
import type { NodeFacts } from './node.ts';

export interface EnvironmentFacts {
  readonly node: Pick<NodeFacts, 'name' | 'hostIPs' | 'allocatable'>;
  /** Primary first; empty on the host's network. */
  readonly podIPs: readonly string[];
}

/** Variables by name, in the order of first mention. */
export type Environment = ReadonlyMap<string, string>;

/** @returns an error text where a variable that must have a value has none */
export function containerEnvironment(
  pod: DesiredPod,
  container: DesiredContainer,
  facts: EnvironmentFacts,
): Result<Environment, string> {
  const refused = refusedEnvFrom(pod, container);
  if (refused !== undefined) return err(refused);
  const environment = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, { pod, container, facts, environment });
    if (!value.ok) return value;
    if (value.value !== undefined) environment.set(variable.name, value.value);
  }
  return ok(environment);
}

/** Puts known variables into each element of command or args. */
export function expandWords(words: readonly string[] | undefined, environment: Environment): readonly string[] {
  return (words ?? []).map((word) => expand(word, (name) => environment.get(name)));
}

interface Scope {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly facts: EnvironmentFacts;
  readonly environment: Environment;
}

function variableValue({ value, valueFrom }: EnvVar, scope: Scope): Result<string | undefined, string> {
  if (value) return ok(expand(value, (name) => scope.environment.get(name)));
  return valueFrom === undefined ? ok(value ?? '') : sourceValue(valueFrom, scope);
}

function sourceValue(source: EnvVarSource, { pod, container, facts }: Scope): Result<string | undefined, string> {
  const { fieldRef, resourceFieldRef, fileKeyRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef !== undefined) {
    const { name: nodeName, hostIPs } = facts.node;
    const value = fieldValue(pod, fieldRef.fieldPath, { nodeName, hostIPs, podIPs: facts.podIPs });
    return value === undefined ? err(`unsupported fieldPath: ${fieldRef.fieldPath}`) : ok(value);
  }
  if (resourceFieldRef !== undefined) {
    const { containerName, resource, divisor } = resourceFieldRef;
    const value = resourceValue(pod, containerName || container.name, resource, divisor, facts.node.allocatable);
    return value === undefined ? err(`unsupported container resource: ${resource}`) : ok(value);
  }
  if (fileKeyRef !== undefined) return err('environment variables from files are not implemented');
  if (configMapKeyRef !== undefined) return err(noApi('configmap', pod, configMapKeyRef.name));
  if (secretKeyRef !== undefined) return err(noApi('secret', pod, secretKeyRef.name));
  return ok('');
}

function refusedEnvFrom(pod: DesiredPod, container: DesiredContainer): string | undefined {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef !== undefined) return noApi('configmap', pod, configMapRef.name);
    if (secretRef !== undefined) return noApi('secret', pod, secretRef.name);
  }
  return undefined;
}

function noApi(kind: string, { metadata }: DesiredPod, name = ''): string {
  return `couldn't get ${kind} ${metadata.namespace}/${name}, no kubeClient defined`;
}
