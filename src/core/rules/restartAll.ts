// All containers of a pod are restarted in place because one of them ended in a way that asks for it. Pure.
//   (none) ─(a container ended so)─► stopping ─(no instance is left)─► starting ─(every container has one again)─► (none)
// Rule: kubelet RestartAllContainersOnContainerExits (Kubernetes 1.35): sandbox, addresses and volumes stay, init
// containers run again. The instances that ask for it are removed last, so that a runner that starts in between knows.
import { isSidecar } from '../../api/desiredPod.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import { allContainers } from '../../api/podContainers.ts';
import { type Asker, newestInstance, type PodRecord, type RestartAll } from '../world.ts';
import { restartsAllAfterExit } from './restart.ts';

/** The record in the right stage of its restart. */
export function withRestartAll(record: PodRecord): PodRecord {
  const { restartAll, desired } = record;
  if (desired === undefined) return record;
  const all = allContainers(desired.spec);
  const isStopping = restartAll?.stage === 'stopping';
  const asked = Object.entries(askersOf(record)).filter(
    ([name]) => !isStopping || restartAll.askers[name] === undefined,
  );
  if (asked.length > 0) {
    const askers = { ...(isStopping ? restartAll.askers : {}), ...Object.fromEntries(asked) };
    return { ...record, restartAll: { stage: 'stopping', askers, awaited: all.map((c) => c.name) } };
  }
  if (restartAll === undefined) return record;
  if (isStopping) {
    if (record.containers.length > 0 || record.inFlight.length > 0 || record.observeFrom !== undefined) return record;
    return { ...record, images: {}, restartAll: { ...restartAll, stage: 'starting' } };
  }
  const awaited = restartAll.awaited.filter((name) => newestInstance(record, name) === undefined);
  if (awaited.length === restartAll.awaited.length) return record;
  if (awaited.length > 0) return { ...record, restartAll: { ...restartAll, awaited } };
  const { restartAll: _, ...rest } = record;
  return rest;
}

/** Containers that ended by themselves, in this sandbox, in a way that asks for it. */
function askersOf(record: PodRecord): RestartAll['askers'] {
  const { desired, sandboxes } = record;
  const asks = (c: ObservedContainer | undefined): c is ObservedContainer =>
    c?.state === 'exited' && c.sandboxId === sandboxes[0]?.id && record.stops[c.id] === undefined;
  const askers: { [name: string]: Asker } = {};
  for (const container of allContainers(desired?.spec)) {
    const newest = newestInstance(record, container.name);
    // An init container that has done its work asks for nothing, whatever codes a rule excludes.
    const isInit = desired?.spec.initContainers?.includes(container) === true && !isSidecar(container);
    if (isInit && newest?.exitCode === 0) continue;
    if (!asks(newest) || !restartsAllAfterExit(container, newest.exitCode ?? 1)) continue;
    const { id: containerId, exitCode = 1 } = newest;
    askers[container.name] = { containerId, exitCode, exit: record.exits[containerId] ?? 0 };
  }
  return askers;
}
