// Values that a pod can read about itself: fieldRef and resourceFieldRef, for environment variables and for files.
// Pure. Rule: Kubernetes' downward API documentation, https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
import type { DesiredPod } from './desiredPod.ts';
import type { Container, Quantity } from './kubernetes.ts';
import type { NodeFacts } from './node.ts';
import { ceilDivide, quantityNanos } from './quantity.ts';

/** What a fieldRef can ask for that is not in the pod's own manifest. */
export interface FieldFacts {
  readonly nodeName: string;
  /** Node addresses, primary first. */
  readonly hostIPs: readonly string[];
  /** Pod addresses, primary first; empty on the host's network and before there is a sandbox. */
  readonly podIPs: readonly string[];
}

const SUBSCRIPT = /^metadata\.(labels|annotations)\['(.*)'\]$/s;
const NANOS_PER_UNIT = 1_000_000_000n;

/**
 * The value of one field path. A label or annotation that is not set reads as "". On the host's network the pod's
 * addresses are the node's.
 *
 * @returns undefined when the path names nothing that the downward API offers
 */
export function fieldValue(pod: DesiredPod, path: string, facts: FieldFacts): string | undefined {
  const podIPs = pod.spec.hostNetwork === true ? facts.hostIPs : facts.podIPs;
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace;
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'metadata.labels':
      return formatMap(pod.metadata.labels);
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations);
    case 'spec.nodeName':
      return facts.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return facts.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return facts.hostIPs.join(',');
    case 'status.podIP':
      return podIPs[0] ?? '';
    case 'status.podIPs':
      return podIPs.join(',');
    default:
      return subscriptValue(pod, path);
  }
}

/**
 * The value of a resourceFieldRef, as a decimal integer: the quantity divided by the divisor, rounded up. A limit
 * that the container does not set is what the node can give; a request that it does not set is 0.
 *
 * @param resource such as "limits.cpu" or "requests.hugepages-2Mi"
 * @param divisor absent or "0" means 1 (a whole core, a byte)
 * @returns undefined when the container, the resource or the divisor is not known
 */
export function resourceValue(
  pod: DesiredPod,
  containerName: string,
  resource: string,
  divisor: Quantity | undefined,
  allocatable: NodeFacts['allocatable'],
): string | undefined {
  const container = findContainer(pod, containerName);
  const [side, name] = splitOnce(resource, '.');
  const by = quantityNanos(divisor ?? '1');
  if (container === undefined || !isKnownResource(name) || by === undefined || by < 0n) return undefined;
  if (side !== 'limits' && side !== 'requests') return undefined;

  const asked = quantityNanos(container.resources?.[side]?.[name] ?? '0');
  if (asked === undefined) return undefined;
  const amount = side === 'limits' && asked === 0n ? allocatableNanos(name, allocatable) : asked;
  return divide(amount, { divisor: by, resource: name });
}

/** Lines `key="value"`, sorted by key, values quoted so that each entry stays on one line. */
export function formatMap(map: { readonly [key: string]: string }): string {
  return Object.entries(map)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${quote(value)}`)
    .join('\n');
}

function subscriptValue(pod: DesiredPod, path: string): string | undefined {
  const match = SUBSCRIPT.exec(path);
  if (match === null) return undefined;
  const [, map, key = ''] = match;
  const entries = map === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
  return Object.hasOwn(entries, key) ? entries[key] : '';
}

function findContainer(pod: DesiredPod, name: string): Container | undefined {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === name);
}

function isKnownResource(resource: string): boolean {
  return ['cpu', 'memory', 'ephemeral-storage'].includes(resource) || resource.startsWith('hugepages-');
}

function allocatableNanos(resource: string, allocatable: NodeFacts['allocatable']): bigint {
  switch (resource) {
    case 'cpu':
      return (BigInt(allocatable.milliCpu) * NANOS_PER_UNIT) / 1000n;
    case 'memory':
      return BigInt(allocatable.memoryBytes) * NANOS_PER_UNIT;
    case 'ephemeral-storage':
      return BigInt(allocatable.ephemeralStorageBytes) * NANOS_PER_UNIT;
    default:
      return 0n;
  }
}

/** CPU counts in thousandths, everything else in whole units; both sides are rounded up to those before dividing. */
function divide(amount: bigint, by: { readonly divisor: bigint; readonly resource: string }): string {
  const grain = by.resource === 'cpu' ? NANOS_PER_UNIT / 1000n : NANOS_PER_UNIT;
  const divisor = by.divisor === 0n ? NANOS_PER_UNIT : by.divisor;
  return String(ceilDivide(ceilDivide(amount, grain), ceilDivide(divisor, grain)));
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

/** A Go string literal, as the reference writes it: what does not print becomes an escape. */
function quote(value: string): string {
  return `"${Array.from(value, escapeChar).join('')}"`;
}

function escapeChar(char: string): string {
  const named = ESCAPES.get(char);
  if (named !== undefined) return named;
  if (char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
