// Rules of environment variables: names, exactly one source, and that the source exists. Pure.
// Source: Kubernetes API validation of EnvVar, EnvFromSource and their selectors.
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { hasDotDot, hasNul } from '../names.ts';
import { type ContainerView, containersOf, duplicates, volumesByName } from '../podView.ts';
import { got } from '../validate.ts';
import { checkFieldRef, checkResourceFieldRef } from './selectors.ts';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;
const SHELL_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

export function checkEnv(spec: LooseSpec, report: Report): void {
  for (const view of containersOf(spec)) {
    const { container, path } = view;
    container.env?.forEach((variable, index) => {
      checkVariable(variable, { path: [...path, 'env', index], view, spec, report });
    });
    for (const { index, key } of duplicates((container.env ?? []).map(({ name }) => name || undefined))) {
      const at = [...path, 'env', index, 'name'];
      report.warn('Duplicate', at, `"${key}" is set before: the last one wins`);
    }
    container.envFrom?.forEach((source, index) => {
      checkEnvFrom(source, [...path, 'envFrom', index], report);
    });
  }
}

interface Task {
  readonly path: Path;
  readonly view: ContainerView;
  readonly spec: LooseSpec;
  readonly report: Report;
}

function checkVariable(variable: Loose<EnvVar>, task: Task): void {
  const { path, report } = task;
  const { name, value, valueFrom } = variable;
  if (name !== undefined && name !== '') checkName(name, [...path, 'name'], report);
  if (value !== undefined && hasNul(value)) {
    report.error('Invalid', [...path, 'value'], 'must not hold the control character NUL');
  }
  if (valueFrom === undefined) return;
  if (value !== undefined && value !== '') {
    const message = 'may not be given beside a value';
    report.add({ severity: 'error', code: 'Invalid', path: [...path, 'valueFrom'], at: 'key', message });
  }
  checkSource(valueFrom, { ...task, path: [...path, 'valueFrom'] });
}

function checkSource(source: Loose<EnvVarSource>, task: Task): void {
  const { path, view, spec, report } = task;
  const given = SOURCES.filter((kind) => source[kind] !== undefined);
  if (given.length === 0) report.error('Invalid', path, `must have one of ${SOURCES.join(', ')}`);
  if (given.length > 1) report.error('Invalid', path, `may not have more than one source, got ${given.join(' and ')}`);
  const { fieldRef, resourceFieldRef, fileKeyRef } = source;
  if (fieldRef !== undefined) checkFieldRef(fieldRef, { path: [...path, 'fieldRef'], use: 'env', report });
  if (resourceFieldRef !== undefined) {
    const at = [...path, 'resourceFieldRef'];
    checkResourceFieldRef(resourceFieldRef, { path: at, spec, own: view.container.name, report });
  }
  if (fileKeyRef !== undefined) checkFileKeyRef(fileKeyRef, { ...task, path: [...path, 'fileKeyRef'] });
}

function checkFileKeyRef(selector: Loose<FileKeySelector>, task: Task): void {
  const { path, spec, report } = task;
  const { volumeName, path: file, key } = selector;
  if (key !== undefined && key !== '') checkName(key, [...path, 'key'], report);
  if (file !== undefined && (file.startsWith('/') || hasDotDot(file))) {
    report.error('Invalid', [...path, 'path'], `must be a relative path without ".."${got(file)}`);
  }
  if (volumeName === undefined || volumeName === '') return;
  const volume = volumesByName(spec).get(volumeName);
  const at = [...path, 'volumeName'];
  if (volume === undefined) report.error('NotFound', at, `there is no volume named "${volumeName}"`);
  else if (volume.emptyDir === undefined) report.error('Invalid', at, `volume "${volumeName}" must be an emptyDir`);
}

function checkEnvFrom(source: Loose<EnvFromSource>, path: Path, report: Report): void {
  const { configMapRef, secretRef, prefix } = source;
  if (configMapRef === undefined && secretRef === undefined) {
    report.error('Invalid', path, 'must have one of configMapRef, secretRef');
  }
  if (configMapRef !== undefined && secretRef !== undefined) {
    report.error('Invalid', path, 'may not have both configMapRef and secretRef');
  }
  if (prefix !== undefined && prefix !== '') checkName(prefix, [...path, 'prefix'], report);
}

/** Any printable ASCII but "="; what shells cannot use is worth a warning. */
function checkName(name: string, path: Path, report: Report): void {
  if (!/^[\x20-\x7e]+$/.test(name) || name.includes('=')) {
    report.error('Invalid', path, `must be printable ASCII characters without "="${got(name)}`);
  } else if (!SHELL_NAME.test(name) || name.startsWith('..') || name === '.') {
    const message = `is not a name that programs expect (letters, digits, "_", "-", "."; no digit first)${got(name)}`;
    report.warn('Invalid', path, message);
  }
}
