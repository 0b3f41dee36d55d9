// Rules of containers: names, images, commands, what init containers may have, restart rules. Pure.
// Source: Kubernetes API validation of Container; image grammar as container runtimes have it.
import { parseImageRef } from '../../api/imageRef.ts';
import type { ContainerRestartRule } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { hasNul } from '../names.ts';
import { type ContainerView, containersOf, duplicates } from '../podView.ts';
import { got } from '../validate.ts';
import type { RuleContext } from './context.ts';

export function checkContainers(spec: LooseSpec, report: Report, context: RuleContext): void {
  if (spec.containers === undefined) {
    report.error('Required', ['spec', 'containers'], 'required field is missing: a pod has at least one container');
  }
  const views = containersOf(spec);
  for (const { index, key } of duplicates(views.map(({ container }) => container.name))) {
    report.error('Duplicate', [...pathOf(views[index]), 'name'], `there is already a container named "${key}"`);
  }
  for (const view of views) {
    checkImage(view, report, context);
    checkCommand(view, report);
    checkRestartRules(view, report);
    checkResizePolicies(view, spec, report);
    if (view.role === 'init') checkInitContainer(view, report);
  }
  if (spec.ephemeralContainers !== undefined && spec.ephemeralContainers.length > 0) {
    const message = 'ephemeral containers cannot be in a manifest: they are added to a running pod';
    report.error('Forbidden', ['spec', 'ephemeralContainers'], message);
  }
}

function checkImage({ container, path }: ContainerView, report: Report, context: RuleContext): void {
  const { image } = container;
  const at = [...path, 'image'];
  if (image === undefined) report.error('Required', at, 'required field is missing');
  if (image === undefined || image === '') return;
  if (image.trim() !== image) {
    report.error('Invalid', at, `must not have spaces before or after it${got(image)}`);
    return;
  }
  const parsed = parseImageRef(image);
  if (parsed.ok) return;
  context.runtimeFault('Invalid', at, `must be an image reference: ${parsed.error}${got(image)}`);
}

function checkCommand({ container, path }: ContainerView, report: Report): void {
  for (const field of ['command', 'args'] as const) {
    container[field]?.forEach((word, index) => {
      if (hasNul(word)) report.error('Invalid', [...path, field, index], 'must not hold the control character NUL');
    });
  }
  const { workingDir } = container;
  if (workingDir === undefined || workingDir === '') return;
  const at = [...path, 'workingDir'];
  if (!workingDir.startsWith('/')) report.error('Invalid', at, `must be an absolute path${got(workingDir)}`);
  if (/^\/+proc\/+(?:self|thread-self|\d+)\/+fd(?:\/|$)/.test(workingDir)) {
    report.error('Forbidden', at, 'must not be an open file of another process');
  }
}

function checkInitContainer({ container, path }: ContainerView, report: Report): void {
  for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (container[field] === undefined) continue;
    const message = 'may not be set for an init container without restartPolicy: Always';
    report.add({ severity: 'error', code: 'Forbidden', path: [...path, field], at: 'key', message });
  }
}

function checkRestartRules({ container, path }: ContainerView, report: Report): void {
  const { restartPolicyRules, restartPolicy } = container;
  if (restartPolicyRules === undefined || restartPolicyRules.length === 0) return;
  if (restartPolicy === undefined) {
    report.error('Required', [...path, 'restartPolicy'], 'must be set when restartPolicyRules are given');
  }
  restartPolicyRules.forEach((rule, index) => {
    checkExitCodes(rule, [...path, 'restartPolicyRules', index, 'exitCodes', 'values'], report);
  });
}

function checkExitCodes(rule: Loose<ContainerRestartRule>, path: Path, report: Report): void {
  const values = rule.exitCodes?.values ?? [];
  for (const { index, key } of duplicates(values.map(String))) {
    report.error('Duplicate', [...path, index], `exit code ${key} is there already`);
  }
}

function checkResizePolicies({ container, path }: ContainerView, spec: LooseSpec, report: Report): void {
  const policies = container.resizePolicy ?? [];
  const at = [...path, 'resizePolicy'];
  for (const { index, key } of duplicates(policies.map((policy) => policy.resourceName))) {
    report.error('Duplicate', [...at, index, 'resourceName'], `there is already a policy for "${key}"`);
  }
  const never = (container.restartPolicy ?? spec.restartPolicy) === 'Never';
  policies.forEach((policy, index) => {
    if (!never || policy.restartPolicy !== 'RestartContainer') return;
    report.error(
      'Invalid',
      [...at, index, 'restartPolicy'],
      'must be "NotRequired" in a container that is never restarted',
    );
  });
}

function pathOf(view: ContainerView | undefined): Path {
  return view?.path ?? [];
}
