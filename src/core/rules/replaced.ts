// Whether a container was stopped because its definition changed. Pure. Its next instance starts whatever the restart
// policy says: the manifest asks for it. Rule: kubelet computePodActions; one that had ended before is not started.
import type { DesiredContainer } from '../../api/desiredPod.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import { containerSpecHash } from '../../api/specHash.ts';
import { newestInstance, type PodRecord } from '../world.ts';

export function isOutdated(container: DesiredContainer, { specHash }: ObservedContainer): boolean {
  return specHash !== '' && specHash !== containerSpecHash(container);
}

export function isReplaced(record: PodRecord, container: DesiredContainer): boolean {
  const newest = newestInstance(record, container.name);
  if (newest?.state !== 'exited' || record.stops[newest.id]?.isRestart !== true) return false;
  return isOutdated(container, newest);
}
