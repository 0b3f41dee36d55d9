// Rules of fieldRef and resourceFieldRef, in environment variables and in downward API files. Pure.
// Source: Kubernetes documentation "Downward API", API validation of ObjectFieldSelector and ResourceFieldSelector.
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../api/kubernetes.ts';
import { quantityNanos } from '../../api/quantity.ts';
import type { Path, Report } from '../finding.ts';
import { hasFormat } from '../formats.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { containerNames } from '../podView.ts';
import { nearest } from '../suggest.ts';
import { got } from '../validate.ts';

const COMMON_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid'];
const SUBSCRIPTED = ['metadata.annotations', 'metadata.labels'];
const ENV_FIELDS = [
  ...COMMON_FIELDS,
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const VOLUME_FIELDS = [...COMMON_FIELDS, ...SUBSCRIPTED];
/** Paths that Kubernetes knows, though they cannot be had here. */
const KNOWN_FIELDS = new Set([
  ...ENV_FIELDS,
  ...VOLUME_FIELDS,
  'status.phase',
  'spec.restartPolicy',
  'spec.schedulerName',
]);
const RESOURCE = /^(?:limits|requests)\.(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;
const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [`limits.${name}`, `requests.${name}`]);
const BYTE_DIVISORS = new Set(
  ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix) => quantityNanos(`1${suffix}`)),
);
const CPU_DIVISORS = new Set(['1m', '1'].map(quantityNanos));

interface FieldTask {
  readonly path: Path;
  readonly use: 'env' | 'volume';
  readonly report: Report;
}

export function checkFieldRef(selector: Loose<ObjectFieldSelector>, task: FieldTask): void {
  const { path, use, report } = task;
  const { fieldPath, apiVersion } = selector;
  if (apiVersion !== undefined && apiVersion !== 'v1') {
    report.error('NotSupported', [...path, 'apiVersion'], `must be "v1"${got(apiVersion)}`);
  }
  if (fieldPath === undefined || fieldPath === '') return;
  const subscript = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  if (subscript !== null) {
    checkSubscript({ field: subscript[1] ?? '', key: subscript[2] ?? '' }, path, report);
    return;
  }
  const supported = use === 'env' ? ENV_FIELDS : VOLUME_FIELDS;
  if (supported.includes(fieldPath)) return;
  const where = use === 'env' ? 'an environment variable' : 'a volume';
  const known = KNOWN_FIELDS.has(fieldPath);
  const message = known
    ? `cannot be used in ${where}; supported are ${supported.join(', ')}${got(fieldPath)}`
    : `there is no such field; supported are ${supported.join(', ')}${got(fieldPath)}`;
  const suggestion = nearest(fieldPath, supported);
  const finding = {
    severity: 'error',
    code: known ? 'NotSupported' : 'Invalid',
    path: [...path, 'fieldPath'],
    at: 'value',
    message,
  } as const;
  report.add(suggestion === undefined ? finding : { ...finding, suggestion });
}

function checkSubscript(subscript: { readonly field: string; readonly key: string }, path: Path, report: Report): void {
  const { field, key } = subscript;
  if (!SUBSCRIPTED.includes(field)) {
    report.error('Invalid', path, `${field} takes no ['…']: only ${SUBSCRIPTED.join(' and ')} do`);
  } else if (!hasFormat(field === 'metadata.annotations' ? key.toLowerCase() : key, 'qualified-name')) {
    report.error('Invalid', path, `${JSON.stringify(key)} in ['…'] is not the key of a label or annotation`);
  }
}

interface ResourceTask {
  readonly path: Path;
  readonly spec: LooseSpec;
  /** Name of the container whose resources are meant when none is named; undefined where one must be named. */
  readonly own: string | undefined;
  readonly report: Report;
}

export function checkResourceFieldRef(selector: Loose<ResourceFieldSelector>, task: ResourceTask): void {
  const { path, spec, report } = task;
  const { containerName, resource, divisor } = selector;
  if (containerName !== undefined && containerName !== '') {
    if (!containerNames(spec).has(containerName))
      report.error('NotFound', [...path, 'containerName'], `there is no container named "${containerName}"`);
  }
  if (resource === undefined || resource === '') return;
  if (!RESOURCE.test(resource)) {
    const message = `must be one of ${RESOURCES.join(', ')}, or of hugepages-<size>${got(resource)}`;
    report.error('NotSupported', [...path, 'resource'], message);
    return;
  }
  const nanos = divisor === undefined ? 0n : quantityNanos(divisor);
  if (nanos === undefined || nanos === 0n) return;
  const cpu = resource.endsWith('.cpu');
  if ((cpu ? CPU_DIVISORS : BYTE_DIVISORS).has(nanos)) return;
  const allowed = cpu ? '1m or 1' : '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi or 1Ei';
  report.error('Invalid', [...path, 'divisor'], `must be ${allowed}${got(divisor)}`);
}
