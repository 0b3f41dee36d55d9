// Rules of the fields that a scheduler would read. They have no effect here, but a mistake in them is still a mistake.
// Pure. Source: Kubernetes API validation of Affinity, Toleration and TopologySpreadConstraint.
import type { LabelSelector, NodeSelectorTerm, PodAffinityTerm, Toleration } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import { FORMATS, hasFormat } from '../formats.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { duplicates } from '../podView.ts';
import { got } from '../validate.ts';
import { checkLabels } from './metadata.ts';

export function checkScheduling(spec: LooseSpec, report: Report): void {
  checkLabels(spec.nodeSelector ?? {}, ['spec', 'nodeSelector'], report);
  if ((spec.readinessGates ?? []).length > 0) {
    const message = 'there is no API server to set these conditions: the pod will never be Ready';
    report.warn('Invalid', ['spec', 'readinessGates'], message);
  }
  spec.tolerations?.forEach((toleration, index) => {
    checkToleration(toleration, ['spec', 'tolerations', index], report);
  });
  checkNodeAffinity(spec, report);
  for (const field of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[field];
    const path: Path = ['spec', 'affinity', field];
    const required = 'requiredDuringSchedulingIgnoredDuringExecution';
    const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
    affinity?.[required]?.forEach((term, index) => {
      checkPodTerm(term, [...path, required, index], report);
    });
    affinity?.[preferred]?.forEach(({ podAffinityTerm }, index) => {
      if (podAffinityTerm !== undefined) {
        checkPodTerm(podAffinityTerm, [...path, preferred, index, 'podAffinityTerm'], report);
      }
    });
  }
  checkSpread(spec, report);
}

function checkToleration(toleration: Loose<Toleration>, path: Path, report: Report): void {
  const { key, value, effect, tolerationSeconds } = toleration;
  const operator = toleration.operator || 'Equal';
  if (key !== undefined && key !== '' && !hasFormat(key, 'qualified-name')) {
    report.error('Invalid', [...path, 'key'], `${FORMATS['qualified-name'].rule}${got(key)}`);
  }
  if (!key && operator !== 'Exists') {
    report.error('Invalid', [...path, 'operator'], 'must be "Exists" when there is no key');
  }
  if (operator === 'Exists' && value) {
    report.error('Invalid', [...path, 'value'], 'must be empty when operator is "Exists"');
  }
  if (operator === 'Equal' && value && !hasFormat(value, 'label-value')) {
    report.error('Invalid', [...path, 'value'], `${FORMATS['label-value'].rule}${got(value)}`);
  }
  if ((operator === 'Gt' || operator === 'Lt') && !/^-?\d+$/.test(value ?? '')) {
    report.error('Invalid', [...path, 'value'], `must be an integer when operator is "${operator}"${got(value)}`);
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    report.error('Invalid', [...path, 'effect'], 'must be "NoExecute" when tolerationSeconds is set');
  }
}

function checkNodeAffinity(spec: LooseSpec, report: Report): void {
  const affinity = spec.affinity?.nodeAffinity;
  const path: Path = ['spec', 'affinity', 'nodeAffinity'];
  affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.forEach((term, index) => {
    const at = [...path, 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms', index];
    checkNodeTerm(term, at, report);
  });
  affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ preference }, index) => {
    const at = [...path, 'preferredDuringSchedulingIgnoredDuringExecution', index, 'preference'];
    if (preference !== undefined) checkNodeTerm(preference, at, report);
  });
}

interface Requirement {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly values?: readonly string[] | undefined;
}

function checkNodeTerm(term: Loose<NodeSelectorTerm>, path: Path, report: Report): void {
  term.matchExpressions?.forEach((requirement, index) => {
    checkRequirement(requirement, [...path, 'matchExpressions', index], report);
  });
  term.matchFields?.forEach((requirement, index) => {
    const at = [...path, 'matchFields', index];
    if (requirement.key !== undefined && requirement.key !== 'metadata.name') {
      report.error('NotSupported', [...at, 'key'], `must be "metadata.name"${got(requirement.key)}`);
    }
    if ((requirement.values ?? []).length !== 1)
      report.error('Required', [...at, 'values'], 'must have exactly one value');
  });
}

function checkRequirement(requirement: Requirement, path: Path, report: Report): void {
  const { key, operator, values = [] } = requirement;
  if (key !== undefined && !hasFormat(key, 'qualified-name')) {
    report.error('Invalid', [...path, 'key'], `${FORMATS['qualified-name'].rule}${got(key)}`);
  }
  const at = [...path, 'values'];
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    report.error('Required', at, `must have a value when operator is "${operator}"`);
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    report.error('Forbidden', at, `may not be given when operator is "${operator}"`);
  }
  if ((operator === 'Gt' || operator === 'Lt') && (values.length !== 1 || !/^-?\d+$/.test(values[0] ?? ''))) {
    report.error('Invalid', at, `must be exactly one integer when operator is "${operator}"`);
  }
}

function checkPodTerm(term: Loose<PodAffinityTerm>, path: Path, report: Report): void {
  if (term.labelSelector !== undefined) checkSelector(term.labelSelector, [...path, 'labelSelector'], report);
  if (term.namespaceSelector !== undefined)
    checkSelector(term.namespaceSelector, [...path, 'namespaceSelector'], report);
}

function checkSelector(selector: Loose<LabelSelector>, path: Path, report: Report): void {
  checkLabels(selector.matchLabels ?? {}, [...path, 'matchLabels'], report);
  selector.matchExpressions?.forEach((requirement, index) => {
    checkRequirement(requirement, [...path, 'matchExpressions', index], report);
  });
}

function checkSpread(spec: LooseSpec, report: Report): void {
  const constraints = spec.topologySpreadConstraints ?? [];
  const path: Path = ['spec', 'topologySpreadConstraints'];
  const keys = constraints.map(({ topologyKey, whenUnsatisfiable }) => `${topologyKey} ${whenUnsatisfiable}`);
  for (const { index } of duplicates(keys)) {
    report.error(
      'Duplicate',
      [...path, index],
      'there is already a constraint with this topologyKey and whenUnsatisfiable',
    );
  }
  constraints.forEach(({ labelSelector, minDomains, whenUnsatisfiable }, index) => {
    if (labelSelector !== undefined) checkSelector(labelSelector, [...path, index, 'labelSelector'], report);
    if (minDomains === undefined || whenUnsatisfiable === 'DoNotSchedule') return;
    const message = 'may only be set when whenUnsatisfiable is "DoNotSchedule"';
    report.error('Invalid', [...path, index, 'minDomains'], message);
  });
}
