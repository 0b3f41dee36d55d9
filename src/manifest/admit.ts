// Walks a valid pod along the support table and lists what is ignored and what must be refused. Pure.
import { fields } from '../generated/validate.js';
import { own } from '../lib/own.ts';
import { FIELD_SUPPORT } from './fieldSupport.ts';
import type { Path, Report } from './finding.ts';
import { formatPath } from './path.ts';

export interface FieldNote {
  readonly path: Path;
  /** Why, without a final period. */
  readonly reason: string;
}

export interface Admission {
  /** Valid fields without meaning here. */
  readonly ignored: readonly FieldNote[];
  /** Fields that would change behaviour and are not implemented: the pod must not run as if they were absent. */
  readonly refused: readonly FieldNote[];
}

/** The same for a claim. */
export function admitClaim(spec: unknown): Admission {
  return admitFields(spec, ['spec'], 'PersistentVolumeClaimSpec');
}

/** Says what is ignored and what is refused. @returns the paths of what is ignored */
export function noteSupport(
  { ignored, refused }: Admission,
  report: Report,
  mode: 'run' | 'validate',
): readonly string[] {
  for (const { path, reason } of ignored) noteIgnored(path, reason, report);
  for (const { path, reason } of refused) {
    const severity = mode === 'run' ? 'error' : 'warning';
    const message = `valid, but solopod refuses it: ${reason}`;
    report.add({ severity, code: 'NotImplemented', path, at: 'key', message });
  }
  return ignored.map(({ path }) => formatPath(path));
}

export function noteIgnored(path: Path, reason: string, report: Report): void {
  report.add({ severity: 'warning', code: 'Ignored', path, at: 'key', message: `ignored: ${reason}` });
}

/** @param spec of a pod that has passed validation, as the user wrote it (before defaulting) */
export function admitFields(spec: unknown, path: Path = ['spec'], definition = 'PodSpec'): Admission {
  const ignored: FieldNote[] = [];
  const refused: FieldNote[] = [];
  walk(spec, { definition, path });
  return { ignored, refused };

  function walk(value: unknown, at: { readonly definition: string; readonly path: Path }): void {
    const support = FIELD_SUPPORT[at.definition];
    if (support === undefined || typeof value !== 'object' || value === null) return;
    for (const [field, member] of Object.entries(value)) {
      const verdict = own(support, field);
      const here = [...at.path, field];
      if (verdict === undefined || member === undefined) continue;
      if (verdict === 'honoured') descend(member, { definition: fields[at.definition]?.[field] ?? '', path: here });
      else if ('ignored' in verdict) ignored.push({ path: here, reason: verdict.ignored });
      else if (verdict.unless?.(member) !== true) refused.push({ path: here, reason: verdict.refused });
    }
  }

  function descend(value: unknown, at: { readonly definition: string; readonly path: Path }): void {
    const definition = at.definition.replace(/\[\]$/, '');
    if (!Array.isArray(value)) {
      walk(value, at);
      return;
    }
    value.forEach((item, index) => {
      walk(item, { definition, path: [...at.path, index] });
    });
  }
}
