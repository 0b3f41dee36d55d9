// Rules of metadata: names with the node suffix, labels, annotations and what a manifest may not say. Pure.
// Source: Kubernetes API validation of ObjectMeta.
import type { ObjectMeta } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import { FORMATS, type FormatName, hasFormat } from '../formats.ts';
import type { Loose } from '../loose.ts';
import { podName } from '../staticPod.ts';

type Meta = Loose<ObjectMeta>;

const NAME_MAX = 253;
const ANNOTATIONS_BYTES_MAX = 262_144;

/** Rules of pods and of every other named object. @param nodeName appended to the name of pods before it is measured */
export function checkMetadata(metadata: Meta, report: Report, nodeName?: string): void {
  const path: Path = ['metadata'];
  if (metadata.name === undefined) {
    const generated = metadata.generateName !== undefined;
    const why = generated ? 'required: generateName means nothing in a file' : 'required field is missing';
    report.error('Required', [...path, 'name'], why);
  } else if (nodeName !== undefined && metadata.name.length <= NAME_MAX) {
    checkSuffixedName(metadata.name, nodeName, report);
  }
  if (metadata.deletionTimestamp !== undefined) {
    report.error('Forbidden', [...path, 'deletionTimestamp'], 'a manifest cannot be deleted this way: remove the file');
  }
  checkLabels(metadata.labels ?? {}, [...path, 'labels'], report);
  checkAnnotations(metadata.annotations ?? {}, [...path, 'annotations'], report);
  checkOwners(metadata, path, report);
}

function checkSuffixedName(name: string, nodeName: string, report: Report): void {
  const full = podName(name, nodeName);
  if (full.length <= NAME_MAX) return;
  const message = `with the node name it has ${full.length} characters ("…-${nodeName}"); at most ${NAME_MAX} are allowed`;
  report.error('TooLong', ['metadata', 'name'], message);
}

/** Keys and values of labels or of a selector of labels. */
export function checkLabels(labels: Loose<{ [key: string]: string }>, path: Path, report: Report): void {
  for (const [key, value] of Object.entries(labels)) {
    checkKey(key, { path, format: 'qualified-name' }, report);
    if (value === undefined || hasFormat(value, 'label-value')) continue;
    const message = `value of "${key}" ${FORMATS['label-value'].rule}`;
    report.add({ severity: 'error', code: 'Invalid', path, at: { key }, message });
  }
}

function checkAnnotations(annotations: Loose<{ [key: string]: string }>, path: Path, report: Report): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    checkKey(key, { path, format: 'qualified-name', lowerCase: true }, report);
    bytes += utf8Length(key) + utf8Length(value ?? '');
  }
  if (bytes <= ANNOTATIONS_BYTES_MAX) return;
  report.error(
    'TooLong',
    path,
    `keys and values have ${bytes} bytes together; at most ${ANNOTATIONS_BYTES_MAX} are allowed`,
  );
}

function checkKey(
  key: string,
  rule: { readonly path: Path; readonly format: FormatName; readonly lowerCase?: boolean },
  report: Report,
): void {
  const { path, format, lowerCase } = rule;
  if (hasFormat(lowerCase === true ? key.toLowerCase() : key, format)) return;
  const message = `key ${JSON.stringify(key)} ${FORMATS[format].rule}`;
  report.add({ severity: 'error', code: 'Invalid', path, at: { key }, message });
}

function checkOwners(metadata: Meta, path: Path, report: Report): void {
  const owners = metadata.ownerReferences ?? [];
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length > 1)
    report.error('Invalid', [...path, 'ownerReferences'], 'only one owner can be the controller');
  metadata.finalizers?.forEach((finalizer, index) => {
    if (hasFormat(finalizer, 'qualified-name')) return;
    report.error('Invalid', [...path, 'finalizers', index], FORMATS['qualified-name'].rule);
  });
}

/** Bytes of the UTF-8 form. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
