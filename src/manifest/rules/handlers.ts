// Rules of probes and lifecycle hooks: one handler each, reachable ports, thresholds, times. Pure.
// Source: Kubernetes API validation of Probe and Lifecycle.
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe, TCPSocketAction } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import { FORMATS, hasFormat } from '../formats.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { hasControlCharacter } from '../names.ts';
import { type ContainerView, containersOf } from '../podView.ts';
import { got } from '../validate.ts';

const GRACE_SECONDS_DEFAULT = 30;
const PORT_MAX = 65_535;
const PORT_NAME_MAX = 15;
const PROBE_TIMEOUT_DEFAULT = 1;
const PROBE_PERIOD_DEFAULT = 10;

export function checkHandlers(spec: LooseSpec, report: Report): void {
  for (const view of containersOf(spec)) {
    const { container, path } = view;
    for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      const probe = container[field];
      if (probe !== undefined) checkProbe(probe, { field, path: [...path, field], view, report });
    }
    if (container.lifecycle !== undefined) checkLifecycle(container.lifecycle, { spec, view, report });
  }
}

interface ProbeTask {
  readonly field: 'livenessProbe' | 'readinessProbe' | 'startupProbe';
  readonly path: Path;
  readonly view: ContainerView;
  readonly report: Report;
}

function checkProbe(probe: Loose<Probe>, task: ProbeTask): void {
  const { field, path, view, report } = task;
  checkOneHandler(probe, { path, kinds: ['exec', 'httpGet', 'tcpSocket', 'grpc'], report });
  checkPortsOfHandler(probe, { path, view, report });
  if (field !== 'readinessProbe' && (probe.successThreshold ?? 0) > 1) {
    report.error('Invalid', [...path, 'successThreshold'], `must be 1 in a ${field}${got(probe.successThreshold)}`);
  }
  if (field === 'readinessProbe' && probe.terminationGracePeriodSeconds !== undefined) {
    const message = 'must not be set for a readinessProbe, which never ends a container';
    report.error('Invalid', [...path, 'terminationGracePeriodSeconds'], message);
  }
  const timeout = probe.timeoutSeconds || PROBE_TIMEOUT_DEFAULT;
  const period = probe.periodSeconds || PROBE_PERIOD_DEFAULT;
  if (timeout <= period) return;
  report.warn('Invalid', path, `timeoutSeconds (${timeout}) is longer than periodSeconds (${period})`);
}

function checkLifecycle(
  lifecycle: Loose<Lifecycle>,
  task: { readonly spec: LooseSpec; readonly view: ContainerView; readonly report: Report },
): void {
  const { spec, view, report } = task;
  const path = [...view.path, 'lifecycle'];
  for (const field of ['postStart', 'preStop'] as const) {
    const hook = lifecycle[field];
    if (hook === undefined) continue;
    const at = [...path, field];
    checkOneHandler(hook, { path: at, kinds: ['exec', 'httpGet', 'tcpSocket', 'sleep'], report });
    checkPortsOfHandler(hook, { path: at, view, report });
    checkSleep(hook, { path: at, spec, report });
  }
  if (lifecycle.stopSignal === undefined || spec.os?.name !== undefined) return;
  report.error('Forbidden', [...path, 'stopSignal'], 'may not be set without spec.os.name');
}

function checkSleep(
  hook: Loose<LifecycleHandler>,
  task: { readonly path: Path; readonly spec: LooseSpec; readonly report: Report },
): void {
  const seconds = hook.sleep?.seconds;
  const grace = task.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS_DEFAULT;
  if (seconds === undefined || seconds <= grace) return;
  const message = `seconds must be no more than terminationGracePeriodSeconds (${grace})${got(seconds)}`;
  task.report.error('Invalid', [...task.path, 'sleep'], message);
}

function checkOneHandler(
  handler: { readonly [kind: string]: unknown },
  task: { readonly path: Path; readonly kinds: readonly string[]; readonly report: Report },
): void {
  const { path, kinds, report } = task;
  const given = kinds.filter((kind) => handler[kind] !== undefined);
  if (given.length === 0) report.error('Required', path, `must have a handler: one of ${kinds.join(', ')}`);
  for (const extra of given.slice(1)) {
    const message = `may not be given beside ${given[0]}: one handler only`;
    report.add({ severity: 'error', code: 'Forbidden', path: [...path, extra], at: 'key', message });
  }
}

type Ports = {
  readonly httpGet?: Loose<HTTPGetAction> | undefined;
  readonly tcpSocket?: Loose<TCPSocketAction> | undefined;
};

function checkPortsOfHandler(
  handler: Ports,
  task: { readonly path: Path; readonly view: ContainerView; readonly report: Report },
): void {
  const { path, view, report } = task;
  const { httpGet, tcpSocket } = handler;
  if (httpGet?.port !== undefined) checkPort(httpGet.port, { path: [...path, 'httpGet', 'port'], view, report });
  if (tcpSocket?.port !== undefined) checkPort(tcpSocket.port, { path: [...path, 'tcpSocket', 'port'], view, report });
  httpGet?.httpHeaders?.forEach((header, index) => {
    if (header.value === undefined || !hasControlCharacter(header.value)) return;
    report.error('Invalid', [...path, 'httpGet', 'httpHeaders', index, 'value'], 'must not hold control characters');
  });
}

/** A number, or the name of a port that this container declares. */
function checkPort(
  port: number | string,
  task: { readonly path: Path; readonly view: ContainerView; readonly report: Report },
): void {
  const { path, view, report } = task;
  if (typeof port === 'number') {
    if (port >= 1 && port <= PORT_MAX) return;
    report.error('Invalid', path, `must be between 1 and ${PORT_MAX}${got(port)}`);
    return;
  }
  if (!hasFormat(port, 'port-name') || port.length > PORT_NAME_MAX) {
    const digits = /^\d+$/.test(port) ? ' (a number goes without quotes)' : '';
    report.error('Invalid', path, `${FORMATS['port-name'].rule}${digits}${got(port)}`);
    return;
  }
  if (view.container.ports?.some(({ name }) => name === port) === true) return;
  report.error('NotFound', path, `this container has no port named "${port}"`);
}
