// Garbage of a living pod: of every container only the newest dead instance is kept, and sandboxes that hold nothing go.
// Rule: kubelet container GC with one dead instance per container.
import type { Action } from '../action.ts';
import type { PodRecord } from '../world.ts';
import { NOTHING, type PodPlan } from './podPlan.ts';

export function planDeadInstances(record: PodRecord): PodPlan {
  const because = 'A newer dead instance is kept instead';
  const inFlight = new Set(
    record.inFlight.flatMap((a) =>
      a.kind === 'removeContainer' ? [a.containerId] : a.kind === 'removeSandbox' ? [a.sandboxId] : [],
    ),
  );
  const kept = new Set<string>();
  const actions: Action[] = [];
  for (const c of record.containers) {
    if (c.state !== 'exited') continue;
    if (!kept.has(c.name)) {
      kept.add(c.name);
    } else if (!inFlight.has(c.id)) {
      const removal = { containerId: c.id, logPath: c.logPath, logs: 'remove' } as const;
      actions.push({ kind: 'removeContainer', podUid: record.uid, ...removal, because });
    }
  }
  for (const s of record.sandboxes.slice(1)) {
    const isEmpty = !record.containers.some((c) => c.sandboxId === s.id);
    if (s.state === 'ready' || !isEmpty || inFlight.has(s.id) || !record.stoppedSandboxes.includes(s.id)) continue;
    actions.push({
      kind: 'removeSandbox',
      podUid: record.uid,
      sandboxId: s.id,
      because: 'A newer sandbox took its place',
    });
  }
  return { ...NOTHING, actions };
}
