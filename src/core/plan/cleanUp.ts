// What remains of a pod that has ended: kept for its logs while the manifest stands, removed with it.
import type { Action, LogFate } from '../action.ts';
import { isRemoval } from '../rules/termination.ts';
import type { PodRecord, World } from '../world.ts';
import { planDeadInstances } from './deadInstances.ts';
import { NOTHING, type PodPlan, waiting } from './podPlan.ts';

/** People and log shippers who follow a container get this long to read its last lines. */
export const LAST_LINES_MS = 300;

export function planCleanUp(world: World, record: PodRecord): PodPlan {
  if (!isRemoval(record)) return planDeadInstances(record);
  const ended = Math.max(...Object.values(record.exits), Number.NEGATIVE_INFINITY);
  const readable = ended + LAST_LINES_MS;
  if (world.now.mono < readable) return waiting('LastLines', 'Leaving the logs readable for a moment', readable);
  for (const kind of ['removeContainer', 'removeSandbox', 'removeLogs']) {
    const trouble = record.podFaults[kind];
    if (trouble !== undefined && world.now.mono < trouble.retryAt) {
      return waiting('FailedCleanUp', trouble.message, trouble.retryAt);
    }
  }
  if (record.inFlight.length > 0) return NOTHING;
  return { ...NOTHING, actions: removals(record, logFate(record)) };
}

/** Logs outlive a stop or a restart, not the manifest. */
export function logFate(record: PodRecord): LogFate {
  const cause = record.termination?.cause;
  return cause === 'stopped' || cause === 'restarted' ? 'keep' : 'remove';
}

function removals(record: PodRecord, logs: LogFate): readonly Action[] {
  const because = 'The pod is gone';
  const { uid: podUid, namespace, name } = record;
  if (record.containers.length > 0) {
    return record.containers.map((c) => ({
      kind: 'removeContainer',
      podUid,
      containerId: c.id,
      logPath: c.logPath,
      logs,
      because,
    }));
  }
  // Logs before the last object that tells whose they are: a crash in between is made good by the next start.
  if (logs === 'remove' && record.said['logs'] !== 'gone')
    return [{ kind: 'removeLogs', podUid, namespace, name, because }];
  return record.sandboxes.map((s) => ({ kind: 'removeSandbox', podUid, sandboxId: s.id, because }));
}
