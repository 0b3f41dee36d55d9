// What a pod that should run needs next: its name free, its directories, its sandbox, its containers. In that order.
import type { Action } from '../action.ts';
import { claimRefusal } from '../rules/admission.ts';
import { lacksObjects, volumeContents } from '../rules/contents.ts';
import { neighboursOf } from '../rules/neighbours.ts';
import { sandboxNeed } from '../rules/sandboxNeed.ts';
import { type PodRecord, sourcesReady, type World } from '../world.ts';
import { olderIncarnation } from './admission.ts';
import { planContainers } from './containers.ts';
import { planDeadInstances } from './deadInstances.ts';
import { planFailedContainers } from './failedContainers.ts';
import { planHosts } from './hosts.ts';
import { planMeasure } from './measure.ts';
import { joined, NOTHING, type PodPlan, waiting } from './podPlan.ts';
import { planProbes } from './probes.ts';
import { planRefresh } from './refresh.ts';
import { planResize } from './resize.ts';
import { planRestartAll } from './restartAll.ts';
import { planSandbox } from './sandbox.ts';
import { planSignals } from './signals.ts';

/** How soon a pod looks again whether the claim that it waits for is free. */
const CLAIM_RETRY_MS = 2_000;

export function planSync(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined) return waiting('SourcesNotReady', 'Waiting for every manifest source to deliver once');
  const older = olderIncarnation(world, record);
  if (older !== undefined)
    return waiting('NameInUse', `Waiting for version ${older.uid.slice(0, 8)} of this pod to end`);
  if (!record.admitted) return planRefused(record);
  if (record.volumes !== 'ready') return planSetUp(world, record);
  const need = sandboxNeed(record, pod);
  const sandbox = planSandbox(world, record, need);
  if (need.kind === 'replace' || need.kind === 'finish') return sandbox;
  if (record.restartAll?.stage === 'stopping')
    return joined([sandbox, planRestartAll(world, record, record.restartAll)]);
  const containers = planContainers(world, record, need.kind === 'keep' ? need.sandbox : undefined);
  return joined([
    sandbox,
    planFailedContainers(world, record),
    containers,
    // A start writes the same file.
    containers.actions.some((a) => a.kind === 'startContainer') ? NOTHING : planHosts(world, record),
    planRefresh(world, record),
    planSignals(record),
    planMeasure(world, record),
    planResize(world, record),
    planProbes(world, record),
    planDeadInstances(record),
  ]);
}

function planRefused({ refusal }: PodRecord): PodPlan {
  if (refusal === undefined) return NOTHING;
  const { reason, message, retryAt } = refusal;
  const notice = { topic: 'admission', cause: message, type: 'Warning' as const, reason, message };
  return { ...waiting(reason, message, retryAt), notices: [notice] };
}

function planSetUp(world: World, record: PodRecord): PodPlan {
  const pod = record.desired;
  if (pod === undefined || record.inFlight.some((a) => a.kind === 'setUpPod')) return NOTHING;
  if (record.sandboxes.length > 0 && lacksObjects(world, pod) && !sourcesReady(world)) {
    // It runs since before this start: what a source has not given yet must not be taken from its volumes.
    return waiting('SourcesNotReady', 'Waiting for every manifest source to deliver once');
  }
  const held = record.sandboxes.length === 0 ? claimHeldBy(world, record) : undefined;
  if (held !== undefined) return held;
  const trouble = record.podFaults['setUpPod'];
  if (trouble !== undefined && world.now.mono < trouble.retryAt) {
    return waiting(trouble.reason, trouble.message, trouble.retryAt);
  }
  const because = 'The pod has no directories yet';
  const sandbox = record.sandboxes[0];
  const action: Action = {
    kind: 'setUpPod',
    podUid: record.uid,
    pod,
    contents: volumeContents(world, pod),
    ...(sandbox === undefined ? {} : { hosts: { podIPs: sandbox.ips, neighbours: neighboursOf(world, record) } }),
    because,
  };
  return { ...NOTHING, actions: [action] };
}

/** A claim that appeared after both of its pods had been admitted is the first one's. */
function claimHeldBy(world: World, record: PodRecord): PodPlan | undefined {
  if (record.desired === undefined) return undefined;
  const isUsing = (other: PodRecord): boolean =>
    other.volumes === 'ready' || other.inFlight.some((a) => a.kind === 'setUpPod');
  const others = [...world.pods.values()].filter((other) => other.uid !== record.uid && isUsing(other));
  const refusal = claimRefusal(record.desired, { others, claims: world.claims });
  return refusal === undefined ? undefined : waiting(refusal.reason, refusal.message, world.now.mono + CLAIM_RETRY_MS);
}
