// Which pods of this node others can reach by name now, and what of that a pod's hosts file shows. Pure.
import type { Neighbour } from '../../api/neighbour.ts';
import { isOffering, managesHosts, neighbourOf } from '../../network/neighbours.ts';
import type { PodRecord, World } from '../world.ts';

const LOOPBACK = /^(127\.|::1$)/;

/** The world with its neighbours brought up to date; the same list as before where nothing has changed. */
export function withNeighbours(world: World): World {
  const found = [...world.pods.values()].flatMap((record) => neighbour(world, record) ?? []);
  const neighbours = found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return areSame(neighbours, world.neighbours) ? world : { ...world, neighbours };
}

/** Everybody but the pod itself; nobody where the hosts file of the pod is not managed. */
export function neighboursOf(world: World, record: PodRecord): readonly Neighbour[] {
  if (record.desired === undefined || !managesHosts(record.desired)) return [];
  return world.neighbours.filter(({ uid }) => uid !== record.uid);
}

/** Asked at every turn and for every pod. What a uid is called can only change by its hostname and subdomain. */
export function areSame(now: readonly Neighbour[], before: readonly Neighbour[]): boolean {
  if (now.length !== before.length) return false;
  return now.every((a, index) => {
    const b = before[index];
    return a.uid === b?.uid && a.host === b.host && a.subdomain === b.subdomain && `${a.ips}` === `${b.ips}`;
  });
}

function neighbour(world: World, record: PodRecord): Neighbour | undefined {
  const { desired } = record;
  const sandbox = record.sandboxes[0];
  if (desired === undefined || !isOffering(desired)) return undefined;
  if (sandbox?.state !== 'ready' || record.stoppedSandboxes.includes(sandbox.id)) return undefined;
  const { nodeName, hostIPs } = world.settings;
  // Inside another pod the loopback address would be that pod's own.
  const ips = sandbox.network === 'node' ? hostIPs.filter((ip) => !LOOPBACK.test(ip)) : sandbox.ips;
  return ips.length === 0 ? undefined : neighbourOf(desired, { nodeName, ips });
}

function key({ namespace, name, uid }: Neighbour): string {
  return `${namespace}/${name}/${uid}`;
}
