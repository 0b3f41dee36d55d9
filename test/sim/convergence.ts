// Whether everything is as the manifests want it: what runs, what has ended, and that nothing else is left.
import type { DesiredPod } from '../../src/api/desiredPod.ts';
import { isSidecar } from '../../src/api/desiredPod.ts';
import { refusalOf } from '../../src/core/rules/admission.ts';
import { restartsAfterExit } from '../../src/core/rules/restart.ts';
import { newestInstance, type PodRecord, type World } from '../../src/core/world.ts';
import { isLive, type SimNode } from './node.ts';

export interface Sought {
  readonly world: World;
  readonly node: SimNode;
  readonly documents: { readonly [source: string]: readonly DesiredPod[] };
}

/** @returns what is not yet as it should be; undefined when nothing is */
export function unsettled({ world, node, documents }: Sought): string | undefined {
  const asked = world.draining ? [] : Object.values(documents).flat();
  const keys = new Set(asked.map((p) => p.key));
  for (const key of keys) {
    const records = [...world.pods.values()].filter((r) => r.key === key);
    if (records.length !== 1) return `${key} has ${records.length} records`;
  }
  for (const record of world.pods.values()) {
    const trouble = podTrouble({ world, node, documents }, record, asked);
    if (trouble !== undefined)
      return `${record.uid}: ${trouble} (${record.waitingFor?.message ?? 'waits for nothing'})`;
  }
  return leftovers(world, node);
}

function podTrouble(sought: Sought, record: PodRecord, asked: readonly DesiredPod[]): string | undefined {
  const { world, node } = sought;
  const truth = node.liveContainers().filter((c) => c.podUid === record.uid);
  const ready = [...node.sandboxes.values()].filter((s) => s.podUid === record.uid && s.state === 'ready');
  const busy = record.inFlight.filter((a) => a.kind !== 'probe');
  if (busy.length > 0) return `${busy.map((a) => a.kind).join(', ')} in flight`;
  if (record.observeFrom !== undefined) return 'an outcome is in doubt';
  if (!asked.some((p) => p.uid === record.uid && p.hash === record.desired?.hash))
    return 'nobody asks for this version';
  if (record.refusal !== undefined) {
    return refusalOf(world, record) === undefined ? 'refused without a reason' : undefined;
  }
  if (record.wanted === (world.stopped[record.key] !== undefined)) return 'wanted, though stopped, or the reverse';
  if (!record.wanted || record.stage === 'terminated') {
    const { containers, sandboxes } = record;
    if (record.stage !== 'terminated') return `is ${record.stage}`;
    if (truth.length > 0 || ready.length > 0) return 'something of it still runs';
    if (node.volumes.has(record.uid)) return 'its volumes are still there';
    if (!record.wanted && containers.length + sandboxes.length > 0) return 'objects of it are still there';
    const cause = record.termination?.cause ?? '';
    return record.wanted && !['completed', 'deadline', 'lost'].includes(cause) ? `ended because ${cause}` : undefined;
  }
  if (record.stage !== 'sync' || record.desired === undefined) return `is ${record.stage}`;
  if (ready.length !== 1) return `has ${ready.length} sandboxes`;
  return runningTrouble(record, record.desired, truth);
}

function runningTrouble(
  record: PodRecord,
  pod: DesiredPod,
  truth: readonly { readonly id: string; readonly name: string }[],
): string | undefined {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  let running = 0;
  for (const container of [...sidecars, ...pod.spec.containers]) {
    const newest = newestInstance(record, container.name);
    const live = truth.filter((c) => c.name === container.name);
    const isDone = newest?.state === 'exited' && !restartsAfterExit(pod, container, newest.exitCode ?? 1);
    if (isDone && !sidecars.includes(container) && live.length === 0) continue;
    if (live.length !== 1 || newest?.state !== 'running' || live[0]?.id !== newest.id) {
      return `${container.name} runs ${live.length} times and is ${newest?.state}`;
    }
    running++;
  }
  if (running !== truth.length) return 'something runs that should not';
  if (running === sidecars.length) return 'has ended and is not over';
  if (record.status?.phase !== 'Running') return `runs and is shown as ${record.status?.phase}`;
  const all = [...(record.status.initContainerStatuses ?? []), ...(record.status.containerStatuses ?? [])];
  const unready = all.filter((s) => s.state?.running !== undefined && s.ready !== true);
  if (unready.length > 0) return `${unready.map((s) => s.name).join(', ')} runs and is not ready`;
  return undefined;
}

function leftovers(world: World, node: SimNode): string | undefined {
  const strays = [...node.sandboxes.values(), ...node.containers.values()].filter((o) => !world.pods.has(o.podUid));
  if (strays.length > 0) return `left behind: ${strays.map((o) => `${o.id} of ${o.podUid}`).join(', ')}`;
  const volumes = [...node.volumes].filter((uid) => !world.pods.has(uid));
  if (volumes.length > 0) return `volumes left behind: ${volumes.join(', ')}`;
  const doubled = node.liveContainers().filter((c) => {
    const same = node.liveContainers().filter((o) => o.podUid === c.podUid && o.name === c.name && isLive(o));
    return same.length > 1;
  });
  return doubled.length > 0 ? `runs twice: ${doubled.map((c) => c.id).join(', ')}` : undefined;
}
