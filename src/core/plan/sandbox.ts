// Brings the pod's sandbox to where it should be: make one, or stop everything in a broken one first.
import type { Action } from '../action.ts';
import { runtimeHandler } from '../rules/abilities.ts';
import { configVersion } from '../rules/configChange.ts';
import type { SandboxNeed } from '../rules/sandboxNeed.ts';
import type { PodRecord, World } from '../world.ts';
import { NOTHING, type Notice, type PodPlan, waiting } from './podPlan.ts';
import { planStopAll } from './stopAll.ts';

export function planSandbox(world: World, record: PodRecord, need: SandboxNeed): PodPlan {
  switch (need.kind) {
    case 'keep':
      return NOTHING;
    case 'create':
      return planCreate(world, record, need.attempt);
    case 'replace':
      return planReplace(world, record, need);
    case 'finish':
      return planStopAll(world, record, need.because);
  }
}

function planCreate(world: World, record: PodRecord, attempt: number): PodPlan {
  const pod = record.desired;
  if (pod === undefined || record.inFlight.some((a) => a.kind === 'createSandbox')) return NOTHING;
  const trouble = record.podFaults['createSandbox'];
  if (trouble !== undefined && world.now.mono < trouble.retryAt) {
    return waiting('FailedCreatePodSandBox', trouble.message, trouble.retryAt);
  }
  if (!world.runtime.networkReady && pod.spec.hostNetwork !== true) {
    const message = `network is not ready: ${world.runtime.message}`;
    return {
      ...waiting('NetworkNotReady', message),
      notices: [{ topic: 'network', cause: message, type: 'Warning', reason: 'NetworkNotReady', message }],
    };
  }
  const handler = runtimeHandler(pod, world.settings.runtimeClasses);
  if (handler === undefined) {
    const message = `RuntimeClass "${pod.spec.runtimeClassName}" is no longer in the configuration (runtimeClasses)`;
    return waiting('FailedCreatePodSandBox', message);
  }
  const because = attempt === 0 ? 'The pod has no sandbox' : `Attempt ${attempt} after the sandbox changed`;
  const version = configVersion(world, pod);
  const action: Action = {
    kind: 'createSandbox',
    podUid: record.uid,
    pod,
    attempt,
    ...(handler === '' ? {} : { runtimeHandler: handler }),
    ...(version === undefined ? {} : { configVersion: version }),
    because,
  };
  return { ...NOTHING, actions: [action] };
}

/** Everything in the old sandbox is stopped, init containers are removed so that they run again, then a new one is made. */
function planReplace(world: World, record: PodRecord, need: Extract<SandboxNeed, { kind: 'replace' }>): PodPlan {
  const [newest] = record.sandboxes;
  const steps = planSteps(world, record, need);
  if (newest === undefined) return steps;
  const notice: Notice = {
    topic: 'sandboxChanged',
    cause: newest.id,
    type: 'Normal',
    reason: 'SandboxChanged',
    message: 'Pod sandbox changed, it will be killed and re-created.',
  };
  return { ...steps, notices: [notice, ...steps.notices] };
}

function planSteps(world: World, record: PodRecord, need: Extract<SandboxNeed, { kind: 'replace' }>): PodPlan {
  const stop = planStopAll(world, record, need.because);
  if (stop.actions.length > 0 || stop.waitingFor !== undefined) return stop;
  const purge = purgeInitContainers(record);
  if (purge.length > 0) return { ...NOTHING, actions: purge };
  if (record.inFlight.some((a) => a.kind === 'removeContainer')) return NOTHING;
  return planCreate(world, record, need.attempt);
}

function purgeInitContainers(record: PodRecord): readonly Action[] {
  const names = new Set(record.desired?.spec.initContainers?.map((c) => c.name));
  const removing = new Set(record.inFlight.flatMap((a) => (a.kind === 'removeContainer' ? [a.containerId] : [])));
  return record.containers
    .filter((c) => names.has(c.name) && !removing.has(c.id))
    .map((c) => ({
      kind: 'removeContainer',
      podUid: record.uid,
      containerId: c.id,
      logPath: c.logPath,
      logs: 'keep',
      because: 'Init containers run again in a new sandbox',
    }));
}
