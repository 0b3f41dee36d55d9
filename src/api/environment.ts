// Environment of a container, and its command and args with $(NAME) put in. Pure.
// Rule: kubelet_pods.go makeEnvironmentVariables. A later entry wins over an earlier one of the same name; a value may
// refer to earlier entries only. The reference's result has no order; here it is the order of first mention.
import { err, ok, type Result } from '../lib/result.ts';
import { type DataKind, type DataObject, type FindObject, notFound } from './dataObject.ts';
import type { DesiredContainer, DesiredPod } from './desiredPod.ts';
import { fieldValue, resourceValue } from './downwardApi.ts';
import { envFileValue } from './envFile.ts';
import { expand } from './expansion.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from './kubernetes.ts';
import type { NodeFacts } from './node.ts';

export interface EnvironmentFacts {
  readonly node: Pick<NodeFacts, 'name' | 'hostIPs' | 'allocatable'>;
  /** Primary first; empty on the host's network. */
  readonly podIPs: readonly string[];
  readonly find: FindObject;
  readonly files: EnvironmentFiles;
}

/** What the files hold that variables come from, by envFileKey: undefined where there is no file, or why it is no use. */
export type EnvironmentFiles = ReadonlyMap<string, Result<string | undefined, string>>;

export const NO_ENV_FILES: EnvironmentFiles = new Map();

/** "volume/path". */
export function envFileKey({ volumeName, path }: Pick<FileKeySelector, 'volumeName' | 'path'>): string {
  return `${volumeName}/${path}`;
}

/** Variables by name, in the order of first mention. */
export type Environment = ReadonlyMap<string, string>;

/** @returns an error text where a variable that must have a value has none */
export function containerEnvironment(
  pod: DesiredPod,
  container: DesiredContainer,
  facts: EnvironmentFacts,
): Result<Environment, string> {
  const environment = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const entries = sourceEntries(source, { pod, find: facts.find });
    if (!entries.ok) return entries;
    for (const [name, value] of entries.value) environment.set(`${source.prefix ?? ''}${name}`, value);
  }
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
  if (fileKeyRef !== undefined) return fileValue(fileKeyRef, facts.files);
  if (configMapKeyRef !== undefined) return keyValue('ConfigMap', configMapKeyRef, { pod, find: facts.find });
  if (secretKeyRef !== undefined) return keyValue('Secret', secretKeyRef, { pod, find: facts.find });
  return ok('');
}

/** @returns undefined where the variable is optional and has no value */
function fileValue(ref: FileKeySelector, files: EnvironmentFiles): Result<string | undefined, string> {
  const { volumeName, path, key, optional } = ref;
  const file = files.get(envFileKey(ref)) ?? err('it has not been read');
  const value = file.ok && file.value !== undefined ? envFileValue(file.value, key) : file;
  if (!value.ok) return err(`couldn't parse env file "${path}" of volume "${volumeName}": ${value.error}`);
  if (value.value !== undefined || optional === true) return value;
  const where = `"${path}" of volume "${volumeName}"`;
  return file.ok && file.value === undefined
    ? err(`environment variable file ${where} not found`)
    : err(`environment variable key "${key}" not found in file ${where}`);
}

interface Place {
  readonly pod: DesiredPod;
  readonly find: FindObject;
}

function sourceEntries({ configMapRef, secretRef }: EnvFromSource, place: Place): Result<Entries, string> {
  const ref = configMapRef ?? secretRef;
  if (ref === undefined) return ok([]);
  const object = findObject(configMapRef === undefined ? 'Secret' : 'ConfigMap', ref, place);
  if (!object.ok || object.value === undefined) return object.ok ? ok([]) : object;
  const entries: [string, string][] = [];
  for (const key of object.value.data.keys()) {
    const text = textOf(object.value, key);
    if (!text.ok) return text;
    if (text.value !== undefined) entries.push([key, text.value]);
  }
  return ok(entries);
}

type Entries = readonly (readonly [string, string])[];

/** @returns undefined where the variable is optional and has no value */
function keyValue(
  kind: DataKind,
  ref: { readonly name?: string; readonly key: string; readonly optional?: boolean },
  place: Place,
): Result<string | undefined, string> {
  const object = findObject(kind, ref, place);
  if (!object.ok || object.value === undefined) return object.ok ? ok(undefined) : object;
  const text = textOf(object.value, ref.key);
  if (!text.ok || text.value !== undefined || ref.optional === true) return text;
  return err(`couldn't find key ${ref.key} in ${kind} ${place.pod.metadata.namespace}/${ref.name ?? ''}`);
}

/** @returns undefined where the object is optional and absent */
function findObject(
  kind: DataKind,
  { name = '', optional }: { readonly name?: string; readonly optional?: boolean },
  { pod, find }: Place,
): Result<DataObject | undefined, string> {
  const object = find({ kind, namespace: pod.metadata.namespace, name });
  return object === undefined && optional !== true ? err(notFound({ kind, name })) : ok(object);
}

/** Never repeats a value: it may be secret. */
function textOf({ kind, namespace, name, data }: DataObject, key: string): Result<string | undefined, string> {
  const bytes = data.get(key);
  if (bytes === undefined) return ok(undefined);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return ok(text);
  } catch {
    // Told below: what the decoder says is of no use to people.
  }
  return err(
    `the value of key ${key} in ${kind} ${namespace}/${name} is not a text: it can't be an environment variable`,
  );
}
