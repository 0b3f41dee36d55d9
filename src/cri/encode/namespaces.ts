// Which Linux namespaces a pod shares with the host or between its containers. Pure; equal for sandbox and containers.
// Beware: the CRI's zero value for processes is POD, a pod's default is CONTAINER.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { IdRange } from '../../api/idRange.ts';
import type { IdMapping, NamespaceOption } from '../messages.ts';

/** @param idRange the pod's users on the host; it must have some where it has a user namespace */
export function namespaceOptions({ spec }: DesiredPod, idRange: IdRange | undefined): NamespaceOption {
  return {
    network: spec.hostNetwork ? 'NODE' : 'POD',
    ipc: spec.hostIPC ? 'NODE' : 'POD',
    pid: spec.hostPID ? 'NODE' : spec.shareProcessNamespace ? 'POD' : 'CONTAINER',
    ...(spec.hostUsers === false && idRange !== undefined
      ? { usernsOptions: { mode: 'POD', uids: idMappings(idRange), gids: idMappings(idRange) } }
      : {}),
  };
}

/** One range, which begins with the pod's root. */
export function idMappings({ hostId, length }: IdRange): readonly IdMapping[] {
  return [{ hostId, containerId: 0, length }];
}
