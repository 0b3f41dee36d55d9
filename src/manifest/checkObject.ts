// One object of a manifest file: tells its kind, checks it accordingly, and says what becomes of it. Pure.
import type { Claim } from '../api/claim.ts';
import type { DataObject } from '../api/dataObject.ts';
import type { Pod } from '../api/kubernetes.ts';
import { own } from '../lib/own.ts';
import { admitClaim, noteSupport } from './admit.ts';
import { checkPod, type PodContext } from './checkPod.ts';
import { checkSupportObject, isSupportKind } from './checkSupportObject.ts';
import { toClaim } from './claim.ts';
import { toDataObject } from './dataObject.ts';
import { createReport, type Finding, type Path, type Report } from './finding.ts';
import { API_VERSION, CORE_KINDS, WORKLOADS, type Workload } from './kinds.ts';
import { withoutNulls } from './nulls.ts';
import { valueAt } from './path.ts';
import { nearest } from './suggest.ts';
import { looksLikePlaceholder } from './template.ts';

export interface CheckedObject {
  readonly kind: string;
  readonly name: string;
  readonly findings: readonly Finding[];
  /** Set for pods without errors. */
  readonly pod?: Pod;
  /** Set for ConfigMaps, Secrets and claims without errors. */
  readonly object?: GivenObject;
  readonly ignored: readonly string[];
}

/** An object that does not know yet where it stands. */
export type GivenObject = Omit<DataObject, 'origin'> | Omit<Claim, 'origin'>;

export type Mapping = { readonly [field: string]: unknown };

/** Checks one object; lists have been taken apart before. */
export function checkObject(data: Mapping, context: PodContext): CheckedObject {
  const report = createReport();
  const kind = textAt(data, ['kind']);
  const known = checkApiVersion(data, kind, report);
  const treatedAs = kind ?? guessKind(data);
  const task = { report, context };
  const checked = known && treatedAs !== undefined ? checkContent(data, { ...task, kind: treatedAs }) : { ignored: [] };
  const findings = report.findings.map((finding) => withPlaceholderHint(finding, data));
  return { ...checked, kind: treatedAs ?? '', name: textAt(data, ['metadata', 'name']) ?? '', findings };
}

function checkContent(data: Mapping, task: Task<string>): Pick<CheckedObject, 'pod' | 'object' | 'ignored'> {
  const { kind, report, context } = task;
  const cleaned = withoutNulls(data) as Mapping;
  if (kind === 'Pod') return checkPod(cleaned, report, context);
  if (isSupportKind(kind)) return checkSupport(cleaned, { ...task, kind });
  if (own(WORKLOADS, kind) !== undefined) checkWorkload(cleaned, task);
  else reportForeign(kind, report, context);
  return { ignored: [] };
}

/** A value that is wrong only because it is still to be filled in says nothing against the structure around it. */
function withPlaceholderHint(finding: Finding, data: Mapping): Finding {
  const value = valueAt(data, finding.path);
  if (finding.severity !== 'error' || !looksLikePlaceholder(value)) return finding;
  const code = finding.code === 'Invalid' ? 'Template' : finding.code;
  return { ...finding, code, message: `${finding.message}; this is a placeholder that was not filled in` };
}

/** Reports what is wrong with kind and apiVersion. @returns false when there is no such kind to check against */
function checkApiVersion(data: Mapping, kind: string | undefined, report: Report): boolean {
  const apiVersion = textAt(data, ['apiVersion']);
  checkPresence(data, 'kind', report);
  checkPresence(data, 'apiVersion', report);
  if (kind === undefined) return true;
  const wanted = own(WORKLOADS, kind)?.apiVersion ?? (CORE_KINDS.includes(kind) ? 'v1' : undefined);
  if (apiVersion === undefined) return true;
  if (wanted === undefined && apiVersion !== 'v1' && API_VERSION.test(apiVersion)) return knownElsewhere(kind, report);
  if (wanted === apiVersion) return true;
  if (wanted !== undefined) {
    const message = `there is no ${kind} in "${apiVersion}": it is in "${wanted}"`;
    report.add({
      severity: 'error',
      code: 'NotSupported',
      path: ['apiVersion'],
      at: 'value',
      message,
      suggestion: wanted,
    });
    return true;
  }
  const suggestion = nearest(kind, [...CORE_KINDS, ...Object.keys(WORKLOADS)]);
  const message = `there is no kind "${kind}" in "${apiVersion}"`;
  const finding: Finding = { severity: 'error', code: 'UnsupportedKind', path: ['kind'], at: 'value', message };
  report.add(suggestion === undefined ? finding : { ...finding, suggestion });
  return false;
}

/** A kind of another group: any name may be right, but not one that differs from a known kind in case alone. */
function knownElsewhere(kind: string, report: Report): boolean {
  const twin = [...CORE_KINDS, ...Object.keys(WORKLOADS)].find((known) => known.toLowerCase() === kind.toLowerCase());
  if (twin === undefined) return true;
  const message = `there is no kind "${kind}"`;
  report.add({ severity: 'error', code: 'UnsupportedKind', path: ['kind'], at: 'value', message, suggestion: twin });
  return false;
}

function checkPresence(data: Mapping, field: 'kind' | 'apiVersion', report: Report): void {
  const value = data[field];
  if (typeof value === 'string' && value !== '') return;
  if (value !== undefined && value !== null && value !== '') {
    report.error('TypeInvalid', [field], 'must be a string');
    return;
  }
  const partial = data['kind'] === undefined && data['apiVersion'] === undefined;
  const hint = partial ? ': a manifest begins with apiVersion, kind and metadata' : '';
  report.error('Required', [field], `required field is missing${hint}`);
}

/** What an object without a kind probably is, so that the rest of it can be checked. */
function guessKind(data: Mapping): string | undefined {
  return valueAt(data, ['spec', 'containers']) === undefined ? undefined : 'Pod';
}

interface Task<Kind> {
  readonly kind: Kind;
  readonly report: Report;
  readonly context: PodContext;
}

function checkSupport(
  data: Mapping,
  task: Task<Parameters<typeof checkSupportObject>[1]>,
): Pick<CheckedObject, 'object' | 'ignored'> {
  const { kind, report, context } = task;
  checkSupportObject(data, kind, report);
  const ignored = kind === 'PersistentVolumeClaim' ? noteSupport(admitClaim(data['spec']), report, context.mode) : [];
  if (report.findings.some(({ severity }) => severity === 'error')) return { ignored };
  // The document has been checked, so it is what the types say.
  if (kind === 'PersistentVolumeClaim') return { object: toClaim(data as Parameters<typeof toClaim>[0]), ignored };
  return { object: toDataObject(data as Parameters<typeof toDataObject>[0], kind), ignored: [] };
}

/** A kind that makes pods: the pod in it is checked, but nothing makes it here. */
function checkWorkload(data: Mapping, task: Task<string>): void {
  const { kind, report, context } = task;
  const workload = own(WORKLOADS, kind);
  if (workload === undefined) return;
  const remedy = `make it a Pod with the content of ${workload.template.join('.')}`;
  if (context.mode === 'run') {
    report.error('UnsupportedKind', ['kind'], `solopod runs pods, not a ${kind}: ${remedy}`);
    return;
  }
  checkPodsOf(data, workload, task);
  const valid = !report.findings.some(({ severity }) => severity === 'error');
  report.warn('UnsupportedKind', ['kind'], `${valid ? 'valid, but ' : ''}solopod does not run a ${kind}: ${remedy}`);
}

function checkPodsOf(data: Mapping, workload: Workload, { kind, report, context }: Task<string>): void {
  const template = valueAt(data, workload.template);
  if (typeof template !== 'object' || template === null || Array.isArray(template)) {
    report.error('Required', workload.template, 'required field is missing: the template of the pods');
    return;
  }
  const complete = kind === 'StatefulSet' ? withClaimVolumes(template as Mapping, data) : (template as Mapping);
  checkTemplate(complete, { path: workload.template, report, context });
  const policy = valueAt(template, ['spec', 'restartPolicy']) ?? 'Always';
  if (workload.restartPolicies.length === 0 || workload.restartPolicies.includes(String(policy))) return;
  const allowed = workload.restartPolicies.map((value) => `"${value}"`).join(' or ');
  report.error('NotSupported', [...workload.template, 'spec', 'restartPolicy'], `must be ${allowed} in a ${kind}`);
}

function checkTemplate(
  template: Mapping,
  at: { readonly path: Path; readonly report: Report; readonly context: PodContext },
): void {
  const inner = createReport();
  const metadata = typeof template['metadata'] === 'object' ? template['metadata'] : {};
  const pod = { ...template, apiVersion: 'v1', kind: 'Pod', metadata: { name: 'template', ...metadata } };
  checkPod(pod, inner, { mode: at.context.mode });
  for (const finding of inner.findings) at.report.add({ ...finding, path: [...at.path, ...finding.path] });
}

/** A StatefulSet makes a volume for each of its claim templates; mounts may name them. */
function withClaimVolumes(template: Mapping, statefulSet: Mapping): Mapping {
  const claims = valueAt(statefulSet, ['spec', 'volumeClaimTemplates']);
  const { spec } = template;
  if (!Array.isArray(claims) || typeof spec !== 'object' || spec === null) return template;
  const declared = 'volumes' in spec && Array.isArray(spec.volumes) ? spec.volumes : [];
  const made = claims.flatMap((claim) => {
    const name = textAt(claim, ['metadata', 'name']);
    const known = declared.some((volume) => textAt(volume, ['name']) === name);
    return name === undefined || known ? [] : [{ name, persistentVolumeClaim: { claimName: name } }];
  });
  // The user's own volumes stay first, so that their places in the text stay right.
  return { ...template, spec: { ...spec, volumes: [...declared, ...made] } };
}

function reportForeign(kind: string, report: Report, context: PodContext): void {
  const severity = context.mode === 'run' ? 'error' : 'warning';
  const message =
    context.mode === 'run' ? `solopod runs pods, not a ${kind}` : `not a pod: a ${kind} is not checked and not run`;
  report.add({ severity, code: 'UnsupportedKind', path: ['kind'], at: 'value', message });
}

function textAt(data: unknown, path: Path): string | undefined {
  const value = valueAt(data, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
