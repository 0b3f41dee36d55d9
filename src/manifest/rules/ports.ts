// Rules of container ports: unique names, host ports that clash, host network, addresses. Pure.
// Source: Kubernetes API validation of ContainerPort.
import type { Report } from '../finding.ts';
import type { LooseSpec } from '../loose.ts';
import { isIpAddress } from '../names.ts';
import { type ContainerView, containersOf, duplicates } from '../podView.ts';
import { got } from '../validate.ts';

export function checkPorts(spec: LooseSpec, report: Report): void {
  const views = containersOf(spec);
  for (const view of views) checkContainerPorts(view, spec, report);
  // Init containers run one after another, so their host ports clash only with their own.
  checkHostPorts(
    views.filter(({ role }) => role !== 'init'),
    report,
  );
  for (const view of views) if (view.role === 'init') checkHostPorts([view], report);
}

function checkContainerPorts({ container, path, role }: ContainerView, spec: LooseSpec, report: Report): void {
  const ports = container.ports ?? [];
  const at = [...path, 'ports'];
  for (const { index, key } of duplicates(ports.map((port) => port.name))) {
    report.error('Duplicate', [...at, index, 'name'], `there is already a port named "${key}" in this container`);
  }
  ports.forEach((port, index) => {
    const { hostIP, hostPort, containerPort } = port;
    if (hostIP !== undefined && hostIP !== '' && !isIpAddress(hostIP)) {
      report.error('Invalid', [...at, index, 'hostIP'], `must be an IP address${got(hostIP)}`);
    }
    const shared = spec.hostNetwork === true && role !== 'init';
    if (!shared || hostPort === undefined || hostPort === 0 || containerPort === undefined) return;
    if (hostPort === containerPort) return;
    const message = `must be equal to hostPort (${hostPort}) when hostNetwork is true${got(containerPort)}`;
    report.error('Invalid', [...at, index, 'containerPort'], message);
  });
}

function checkHostPorts(views: readonly ContainerView[], report: Report): void {
  const places = views.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, index) => ({ port, path: [...path, 'ports', index, 'hostPort'] })),
  );
  const keys = places.map(({ port }) =>
    (port.hostPort ?? 0) === 0 ? undefined : `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort}`,
  );
  for (const { index, key } of duplicates(keys)) {
    const place = places[index];
    if (place !== undefined)
      report.error('Duplicate', place.path, `host port ${key} is taken by another port of this pod`);
  }
}
