// Rules of volumes: unique names, exactly one type, and what each type needs. Pure.
// Source: Kubernetes API validation of Volume.
import { parseImageRef } from '../../api/imageRef.ts';
import type { Volume } from '../../api/kubernetes.ts';
import { quantityNanos } from '../../api/quantity.ts';
import type { Path, Report } from '../finding.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { hasDotDot } from '../names.ts';
import { duplicates } from '../podView.ts';
import { got } from '../validate.ts';
import type { RuleContext } from './context.ts';
import { checkDownwardItems, checkItems, checkProjected } from './payloads.ts';

type LooseVolume = Loose<Volume>;

export function checkVolumes(spec: LooseSpec, report: Report, context: RuleContext): void {
  const volumes = spec.volumes ?? [];
  for (const { index, key } of duplicates(volumes.map(({ name }) => name))) {
    report.error('Duplicate', ['spec', 'volumes', index, 'name'], `there is already a volume named "${key}"`);
  }
  volumes.forEach((volume, index) => {
    const path: Path = ['spec', 'volumes', index];
    checkOneType(volume, path, report);
    checkLocal(volume, path, report);
    checkContent(volume, { path, spec, report });
    const reference = volume.image?.reference;
    const parsed = reference === undefined || reference === '' ? undefined : parseImageRef(reference);
    if (parsed === undefined || parsed.ok) return;
    const message = `must be an image reference: ${parsed.error}${got(reference)}`;
    context.runtimeFault('Invalid', [...path, 'image', 'reference'], message);
  });
}

/** The order in which Kubernetes looks at types: the first one given stands, any other is too many. */
const FIRST_TYPES: readonly string[] = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'secret',
  'nfs',
  'persistentVolumeClaim',
  'downwardAPI',
];

function checkOneType(volume: LooseVolume, path: Path, report: Report): void {
  const entries = Object.entries(volume).filter(([field, source]) => field !== 'name' && isMapping(source));
  const given = entries.map(([field]) => field).toSorted((a, b) => rank(a) - rank(b));
  if (given.length === 0) report.warn('Required', path, 'has no volume type: it becomes an emptyDir');
  for (const extra of given.slice(1)) {
    const message = `may not be given beside ${given[0]}: one volume type only`;
    report.add({ severity: 'error', code: 'Forbidden', path: [...path, extra], at: 'key', message });
  }
}

function rank(type: string): number {
  const place = FIRST_TYPES.indexOf(type);
  return place < 0 ? FIRST_TYPES.length : place;
}

function checkLocal(volume: LooseVolume, path: Path, report: Report): void {
  const host = volume.hostPath?.path;
  if (host !== undefined && host !== '') {
    const at = [...path, 'hostPath', 'path'];
    if (hasDotDot(host)) report.error('Invalid', at, `must not contain ".."${got(host)}`);
    if (!host.startsWith('/')) report.error('Invalid', at, `must be an absolute path${got(host)}`);
  }
  const sizeLimit = volume.emptyDir?.sizeLimit;
  const nanos = sizeLimit === undefined ? undefined : quantityNanos(sizeLimit);
  if (nanos !== undefined && nanos < 0n) {
    report.error('Forbidden', [...path, 'emptyDir', 'sizeLimit'], `must be 0 or more${got(sizeLimit)}`);
  }
}

function checkContent(
  volume: LooseVolume,
  task: { readonly path: Path; readonly spec: LooseSpec; readonly report: Report },
): void {
  const { path, spec, report } = task;
  const { configMap, secret, downwardAPI, projected, ephemeral, nfs } = volume;
  if (configMap?.items !== undefined) checkItems(configMap.items, [...path, 'configMap', 'items'], report);
  if (secret?.items !== undefined) checkItems(secret.items, [...path, 'secret', 'items'], report);
  if (downwardAPI?.items !== undefined) {
    checkDownwardItems(downwardAPI.items, { path: [...path, 'downwardAPI', 'items'], spec, report });
  }
  if (projected !== undefined) checkProjected(projected, { path: [...path, 'projected'], spec, report });
  if (ephemeral !== undefined && ephemeral.volumeClaimTemplate === undefined) {
    report.error('Required', [...path, 'ephemeral', 'volumeClaimTemplate'], 'required field is missing');
  }
  if (nfs?.path !== undefined && hasDotDot(nfs.path)) {
    report.error('Invalid', [...path, 'nfs', 'path'], `must not contain ".."${got(nfs.path)}`);
  }
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
