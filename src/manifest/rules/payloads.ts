// Rules of volumes made of files that solopod writes: items of ConfigMaps and Secrets, downward API, projections. Pure.
// Source: Kubernetes API validation of KeyToPath, DownwardAPIVolumeFile and ProjectedVolumeSource.
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  VolumeProjection,
} from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { cleanPath, hasDotDot } from '../names.ts';
import { duplicates } from '../podView.ts';
import { got } from '../validate.ts';
import { checkFieldRef, checkResourceFieldRef } from './selectors.ts';

const PROJECTIONS = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
] as const;

export function checkItems(items: readonly Loose<KeyToPath>[], path: Path, report: Report): void {
  items.forEach((item, index) => {
    checkFilePath(item.path, [...path, index, 'path'], report);
  });
}

interface Task {
  readonly path: Path;
  readonly spec: LooseSpec;
  readonly report: Report;
}

export function checkDownwardItems(items: readonly Loose<DownwardAPIVolumeFile>[], task: Task): void {
  const { spec, report } = task;
  for (const { index, key } of duplicates(items.map((item) => item.path && cleanPath(item.path)))) {
    report.error('Duplicate', [...task.path, index, 'path'], `there is already a file "${key}"`);
  }
  items.forEach((item, index) => {
    const path = [...task.path, index];
    const { fieldRef, resourceFieldRef } = item;
    checkFilePath(item.path, [...path, 'path'], report);
    if (fieldRef === undefined && resourceFieldRef === undefined) {
      report.error('Required', path, 'must have one of fieldRef, resourceFieldRef');
    }
    if (fieldRef !== undefined && resourceFieldRef !== undefined) {
      report.error('Invalid', path, 'may not have both fieldRef and resourceFieldRef');
    }
    if (fieldRef !== undefined) checkFieldRef(fieldRef, { path: [...path, 'fieldRef'], use: 'volume', report });
    if (resourceFieldRef === undefined) return;
    const at = [...path, 'resourceFieldRef'];
    if (!resourceFieldRef.containerName) {
      report.error('Required', [...at, 'containerName'], 'required in a volume, which belongs to no container');
    }
    checkResourceFieldRef(resourceFieldRef, { path: at, spec, own: undefined, report });
  });
}

export function checkProjected(projected: Loose<ProjectedVolumeSource>, task: Task): void {
  const { path, report } = task;
  const taken = new Map<string, number>();
  projected.sources?.forEach((source, index) => {
    const at = [...path, 'sources', index];
    checkProjection(source, { ...task, path: at });
    for (const file of filesOf(source)) {
      const other = taken.get(file);
      taken.set(file, index);
      if (other === undefined || other === index) continue;
      report.error('Duplicate', at, `writes the file "${file}" that sources[${other}] writes too`);
    }
  });
}

function checkProjection(source: Loose<VolumeProjection>, task: Task): void {
  const { path, report } = task;
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  const given = PROJECTIONS.filter((kind) => source[kind] !== undefined);
  if (given.length === 0) report.error('Required', path, `must have one of ${PROJECTIONS.join(', ')}`);
  for (const extra of given.slice(1)) {
    const message = `may not be given beside ${given[0]}: one kind per source`;
    report.add({ severity: 'error', code: 'Forbidden', path: [...path, extra], at: 'key', message });
  }
  if (secret?.items !== undefined) checkItems(secret.items, [...path, 'secret', 'items'], report);
  if (configMap?.items !== undefined) checkItems(configMap.items, [...path, 'configMap', 'items'], report);
  if (downwardAPI?.items !== undefined) {
    checkDownwardItems(downwardAPI.items, { ...task, path: [...path, 'downwardAPI', 'items'] });
  }
  if (serviceAccountToken?.path !== undefined) {
    checkFilePath(serviceAccountToken.path, [...path, 'serviceAccountToken', 'path'], report);
  }
}

/** Files that a source is known to write; without items it writes whatever keys the object has. */
function filesOf(source: Loose<VolumeProjection>): string[] {
  const items = [source.secret?.items, source.configMap?.items, source.downwardAPI?.items].flatMap(
    (list) => list ?? [],
  );
  const { serviceAccountToken, clusterTrustBundle } = source;
  const paths = [...items.map((item) => item.path), serviceAccountToken?.path, clusterTrustBundle?.path];
  return paths.flatMap((path) => (path === undefined || path === '' ? [] : [cleanPath(path)]));
}

function checkFilePath(file: string | undefined, path: Path, report: Report): void {
  if (file === undefined || file === '') return;
  if (file.startsWith('/')) report.error('Invalid', path, `must be a relative path${got(file)}`);
  if (hasDotDot(file)) report.error('Invalid', path, `must not contain ".."${got(file)}`);
  else if (file.startsWith('..')) report.error('Invalid', path, `must not begin with ".."${got(file)}`);
}
