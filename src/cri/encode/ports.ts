// Port mappings of a sandbox: every port of the app containers, also those without a host port. Pure.
// Rule: kubelet container/helpers.go MakePortMappings; of two equal ones in a container the first counts.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { ContainerPort } from '../../api/kubernetes.ts';
import type { PortMapping } from '../messages.ts';

export function portMappings(pod: DesiredPod): readonly PortMapping[] {
  return pod.spec.containers.flatMap((container) => uniquePorts(container.ports ?? []).map(encodePort));
}

function uniquePorts(ports: readonly ContainerPort[]): readonly ContainerPort[] {
  const byKey = new Map<string, ContainerPort>();
  for (const port of ports) {
    const key = port.name || addressKey(port);
    if (!byKey.has(key)) byKey.set(key, port);
  }
  return [...byKey.values()];
}

function addressKey({ hostIP = '', containerPort, hostPort = 0, protocol }: ContainerPort): string {
  const family = hostIP === '' ? 'any' : hostIP.includes(':') ? 'v6' : 'v4';
  return `${family}-${protocol}-${hostIP}:${containerPort}:${hostPort}`;
}

function encodePort({ containerPort, hostPort, hostIP, protocol }: ContainerPort): PortMapping {
  return {
    protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
    containerPort,
    ...(hostPort ? { hostPort } : {}),
    ...(hostIP ? { hostIp: hostIP } : {}),
  };
}
