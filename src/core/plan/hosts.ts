// Brings the hosts file of a running pod up to date with the other pods of this node. Nothing waits for it but a start,
// which writes the same file.
import type { Action } from '../action.ts';
import { areSame, neighboursOf } from '../rules/neighbours.ts';
import type { PodRecord, World } from '../world.ts';
import { NOTHING, type PodPlan, waiting } from './podPlan.ts';

const WRITERS: ReadonlySet<Action['kind']> = new Set(['refreshHosts', 'startContainer']);

export function planHosts(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  const isRunning = record.containers.some((c) => c.state === 'running');
  if (pod === undefined || !isRunning || record.inFlight.some((a) => WRITERS.has(a.kind))) return NOTHING;
  const neighbours = neighboursOf(world, record);
  if (record.neighbours !== undefined && areSame(neighbours, record.neighbours)) return NOTHING;
  const trouble = record.podFaults['refreshHosts'];
  if (trouble !== undefined && world.now.mono < trouble.retryAt) {
    return waiting(trouble.reason, trouble.message, trouble.retryAt);
  }
  const hosts = { podIPs: record.sandboxes[0]?.ips ?? [], neighbours };
  const because = 'Other pods of this node have come or gone';
  return { ...NOTHING, actions: [{ kind: 'refreshHosts', podUid: record.uid, pod, hosts, because }] };
}
