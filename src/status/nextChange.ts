// When a pod will look different by time alone: an exit that gives way to its back-off, a run that becomes noticeable. Pure.
import type { MonoMs } from '../api/time.ts';
import { deadlineOf } from '../core/rules/activeDeadline.ts';
import { nextPullText } from '../core/rules/pullText.ts';
import { isPullFailure, PULL_FAILURE_SHOWN_MS } from '../core/rules/retry.ts';
import { instancesOf, type PodRecord, type World } from '../core/world.ts';
import { backoffShownFrom, NOTICED_RUN_MS } from './containerStatus.ts';

export function nextStatusChange(world: World, record: PodRecord): MonoMs | undefined {
  if (record.stage !== 'sync') return undefined;
  const { now } = world;
  const changes: MonoMs[] = [];
  const deadline = deadlineOf(record);
  if (deadline !== undefined) changes.push(deadline);
  for (const trouble of Object.values(record.startFaults)) {
    if (isPullFailure(trouble)) changes.push(trouble.since.mono + PULL_FAILURE_SHOWN_MS);
  }
  for (const pull of Object.values(record.pulls)) changes.push(nextPullText(pull, now.mono));
  for (const name of new Set(record.containers.map((c) => c.name))) {
    const [newest, older] = instancesOf(record, name);
    if (newest?.state === 'exited' && record.crashLoops[name] !== undefined) {
      changes.push(backoffShownFrom(record, newest, world));
    }
    if (newest?.state === 'running' && (older !== undefined || newest.attempt > 0)) {
      changes.push((record.starts[newest.id] ?? now.mono) + NOTICED_RUN_MS);
    }
  }
  const ahead = changes.filter((at) => at > now.mono);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
