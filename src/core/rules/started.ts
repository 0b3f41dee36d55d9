// Whether a running container counts as started, and as ready. Pure.
// Rule: started is running, and its startup probe, where it has one, has succeeded; ready is the same for readiness.
import type { DesiredContainer } from '../../api/desiredPod.ts';
import { probeResult } from '../probing.ts';
import { newestInstance, type PodRecord } from '../world.ts';

export function isStarted(record: PodRecord, container: DesiredContainer): boolean {
  const newest = newestInstance(record, container.name);
  if (newest?.state !== 'running') return false;
  return container.startupProbe === undefined || probeResult(record, newest, 'startup') === 'success';
}

export function isReady(record: PodRecord, container: DesiredContainer): boolean {
  const newest = newestInstance(record, container.name);
  if (newest === undefined || !isStarted(record, container)) return false;
  return container.readinessProbe === undefined || probeResult(record, newest, 'readiness') === 'success';
}
