// Whether a running container counts as started. Pure.
// Rule: running, and its startup probe, where it has one, has succeeded.
import type { DesiredContainer } from '../../api/desiredPod.ts';
import type { PodRecord } from '../world.ts';
import { newestInstance } from '../world.ts';

export function isStarted(record: PodRecord, container: DesiredContainer): boolean {
  return newestInstance(record, container.name)?.state === 'running';
}
