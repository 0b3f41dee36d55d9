// Rules of resource requests and limits: known names, amounts, requests within limits, huge pages. Pure.
// Source: Kubernetes API validation of ResourceRequirements.
import type { Quantity, ResourceRequirements } from '../../api/kubernetes.ts';
import { quantityNanos } from '../../api/quantity.ts';
import { own } from '../../lib/own.ts';
import type { Path, Report } from '../finding.ts';
import { FORMATS, hasFormat } from '../formats.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { isPodLevelResource, totalRequest } from '../podResources.ts';
import { containersOf } from '../podView.ts';
import { nearest } from '../suggest.ts';
import { got } from '../validate.ts';

type Amounts = { readonly [resource: string]: Quantity | undefined };
type Requirements = Loose<ResourceRequirements>;

const STANDARD = ['cpu', 'memory', 'ephemeral-storage'];
const HUGE_PAGES = 'hugepages-';
const NANOS_PER_UNIT = 1_000_000_000n;

export function checkResources(spec: LooseSpec, report: Report): void {
  for (const { container, path } of containersOf(spec)) {
    if (container.resources !== undefined) checkContainer(container.resources, [...path, 'resources'], report);
  }
  if (spec.resources !== undefined) checkPodLevel(spec, spec.resources, report);
  checkAmounts(spec.overhead ?? {}, ['spec', 'overhead'], report);
}

function checkContainer(resources: Requirements, path: Path, report: Report): void {
  const limits = checkNames(resources.limits ?? {}, {
    path: [...path, 'limits'],
    isKnown: isContainerResource,
    report,
  });
  const requests = checkNames(resources.requests ?? {}, {
    path: [...path, 'requests'],
    isKnown: isContainerResource,
    report,
  });
  checkAmounts(limits, [...path, 'limits'], report);
  checkAmounts(requests, [...path, 'requests'], report);
  checkWithin(requests, limits, { path, report });
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const huge = names.some((name) => name.startsWith(HUGE_PAGES));
  if (huge && !names.includes('cpu') && !names.includes('memory')) {
    report.error('Forbidden', path, 'huge pages need a request or limit for cpu or memory beside them');
  }
}

interface NameRule {
  readonly path: Path;
  readonly isKnown: (name: string) => boolean;
  readonly report: Report;
}

/** Reports unknown names. @returns the amounts that have a known one */
function checkNames(amounts: Amounts, rule: NameRule): Amounts {
  const { path, isKnown, report } = rule;
  const known: [string, Quantity | undefined][] = [];
  for (const [name, quantity] of Object.entries(amounts)) {
    if (isKnown(name)) {
      known.push([name, quantity]);
      continue;
    }
    const message = name.includes('/')
      ? `resource name ${FORMATS['qualified-name'].rule}`
      : `is not a resource: ${STANDARD.join(', ')}, hugepages-<size>, or a name with a domain such as example.com/device`;
    const suggestion = nearest(name, STANDARD);
    const finding = { severity: 'error', code: 'Invalid', path: [...path, name], at: 'key', message } as const;
    report.add(suggestion === undefined ? finding : { ...finding, suggestion });
  }
  return Object.fromEntries(known);
}

function isContainerResource(name: string): boolean {
  if (STANDARD.includes(name) || name.startsWith(HUGE_PAGES)) return true;
  return name.includes('/') && hasFormat(name, 'qualified-name');
}

/** Extended resources and huge pages come in whole numbers; nothing is negative. */
function checkAmounts(amounts: Amounts, path: Path, report: Report): void {
  for (const [name, quantity] of Object.entries(amounts)) {
    const nanos = quantity === undefined ? undefined : quantityNanos(quantity);
    if (nanos === undefined) continue;
    const at = [...path, name];
    checkPageSize(name, at, report);
    if (nanos < 0n) report.error('Invalid', at, `must be 0 or more${got(quantity)}`);
    else if (nanos % NANOS_PER_UNIT === 0n) continue;
    else if (isWhole(name)) report.error('Invalid', at, `must be a whole number${got(quantity)}`);
    else if (name !== 'cpu') report.warn('Invalid', at, `is a fraction of a byte${got(quantity)}`);
  }
}

/** A size that is not one is accepted as a name, and no node has such pages. */
function checkPageSize(name: string, path: Path, report: Report): void {
  if (!name.startsWith(HUGE_PAGES) || hasFormat(name.slice(HUGE_PAGES.length), 'quantity')) return;
  report.warn('Invalid', path, `"${name.slice(HUGE_PAGES.length)}" is not a page size such as 2Mi`);
}

function isWhole(name: string): boolean {
  return name.includes('/') || name.startsWith(HUGE_PAGES);
}

function checkWithin(requests: Amounts, limits: Amounts, task: { readonly path: Path; readonly report: Report }): void {
  const { path, report } = task;
  const at = [...path, 'requests'];
  for (const [name, quantity] of Object.entries(requests)) {
    const request = quantity === undefined ? undefined : quantityNanos(quantity);
    const limitText = own(limits, name);
    const limit = limitText === undefined ? undefined : quantityNanos(limitText);
    const finding = { severity: 'error', code: 'Invalid', path: at, at: { key: name } } as const;
    if (request === undefined) continue;
    if (isWhole(name) && limit === undefined) {
      const message = `${name} cannot be shared, so it needs a limit equal to the request`;
      report.add({ ...finding, code: 'Required', path: [...path, 'limits'], at: 'value', message });
    } else if (limit !== undefined && isWhole(name) && request !== limit) {
      report.add({ ...finding, message: `${name} must be equal to its limit of ${limitText}${got(quantity)}` });
    } else if (limit !== undefined && request > limit) {
      report.add({ ...finding, message: `${name} must be no more than its limit of ${limitText}${got(quantity)}` });
    }
  }
}

function checkPodLevel(spec: LooseSpec, resources: Requirements, report: Report): void {
  const path: Path = ['spec', 'resources'];
  const rule = { isKnown: isPodLevelResource, report };
  const limits = checkNames(resources.limits ?? {}, { ...rule, path: [...path, 'limits'] });
  const requests = checkNames(resources.requests ?? {}, { ...rule, path: [...path, 'requests'] });
  checkAmounts(limits, [...path, 'limits'], report);
  checkAmounts(requests, [...path, 'requests'], report);
  checkWithin(requests, limits, { path, report });
  if (resources.claims !== undefined && resources.claims.length > 0) {
    report.error('Forbidden', [...path, 'claims'], 'may not be set for a whole pod');
  }
  checkAggregate({ spec, limits, requests }, report);
}

/** The containers together must fit into the pod. */
function checkAggregate(
  pod: { readonly spec: LooseSpec; readonly limits: Amounts; readonly requests: Amounts },
  report: Report,
): void {
  const { spec, limits, requests } = pod;
  const lists = { containers: spec.containers ?? [], initContainers: spec.initContainers };
  for (const name of new Set([...Object.keys(limits), ...Object.keys(requests)])) {
    const total = totalRequest(lists, name);
    const field = requests[name] === undefined ? 'limits' : 'requests';
    const quantity = requests[name] ?? limits[name];
    const given = quantity === undefined ? undefined : quantityNanos(quantity);
    if (total === undefined || given === undefined || given >= total) continue;
    const message = `${name} must be at least what the containers request together${got(quantity)}`;
    report.add({ severity: 'error', code: 'Invalid', path: ['spec', 'resources', field], at: { key: name }, message });
  }
  for (const { container, path } of containersOf(spec)) {
    for (const [name, quantity] of Object.entries(container.resources?.limits ?? {})) {
      const podLimit = own(limits, name);
      const limit = quantity === undefined ? undefined : quantityNanos(quantity);
      const most = podLimit === undefined ? undefined : quantityNanos(podLimit);
      if (limit === undefined || most === undefined || limit <= most) continue;
      const message = `must be no more than the pod's limit of ${podLimit}${got(quantity)}`;
      report.error('Invalid', [...path, 'resources', 'limits', name], message);
    }
  }
}
