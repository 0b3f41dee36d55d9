// Which Linux namespaces a pod shares with the host or between its containers. Pure; equal for sandbox and containers.
// Beware: the CRI's zero value for processes is POD, a pod's default is CONTAINER.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { NamespaceOption } from '../messages.ts';

export function namespaceOptions({ spec }: DesiredPod): NamespaceOption {
  return {
    network: spec.hostNetwork ? 'NODE' : 'POD',
    ipc: spec.hostIPC ? 'NODE' : 'POD',
    pid: spec.hostPID ? 'NODE' : spec.shareProcessNamespace ? 'POD' : 'CONTAINER',
  };
}
