// Starts one container: wait out what holds it back, get its image, then create and start an instance.

import { objectKey } from '../../api/dataObject.ts';
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { ObservedSandbox } from '../../api/observed.ts';
import { pullSecretsOf } from '../../api/podObjects.ts';
import type { Action, ActionKind } from '../action.ts';
import { heldBackUntil } from '../rules/crashBackoff.ts';
import { neighboursOf } from '../rules/neighbours.ts';
import { pullText } from '../rules/pullText.ts';
import { isBackingOff } from '../rules/retry.ts';
import type { PodRecord, Pull, Trouble, World } from '../world.ts';
import { newestInstance, nextAttempt } from '../world.ts';
import { NOTHING, type Notice, type PodPlan, waiting } from './podPlan.ts';

export interface StartPlan extends PodPlan {
  /**
   * ready: the start is planned now. pending: an image or a sandbox is on its way, later containers wait for it.
   * held: it has to wait out a failure, later containers need not.
   */
  readonly progress: 'ready' | 'pending' | 'held';
}

export function planStart(
  world: World,
  record: PodRecord,
  { container, sandbox }: { readonly container: DesiredContainer; readonly sandbox: ObservedSandbox | undefined },
): StartPlan {
  const pod = record.desired;
  const { name } = container;
  const isBusy = record.inFlight.some((a) => STARTING.has(a.kind) && 'container' in a && a.container === name);
  const isOccupied = record.containers.some((c) => c.name === name && c.state === 'running');
  const pull = record.pulls[name];
  if (pull !== undefined) return { ...waitForPull(world, name, pull), progress: 'pending' };
  if (pod === undefined || isBusy || isOccupied) return { ...NOTHING, progress: 'pending' };
  const hold = held(world, record, container);
  if (hold !== undefined) return { ...hold, progress: 'held' };
  const created = newestInstance(record, name);
  if (created?.state === 'created' && created.sandboxId === sandbox?.id) {
    return one(
      {
        kind: 'startCreated',
        podUid: record.uid,
        pod,
        container: name,
        containerId: created.id,
        because: 'It was created and not started',
      },
      'ready',
    );
  }
  const image = record.images[name];
  if (image === undefined || image === 'absent') {
    const action = imageAction(record, pod, { container, known: image });
    if (action.kind !== 'pullImage') return one(action, 'pending');
    const { image: pulled } = action;
    const told = waitForPull(world, name, { image: pulled, since: world.now });
    return { ...told, actions: [action], notices: missingSecrets(world, pod), progress: 'pending' };
  }
  if (sandbox === undefined) return { ...NOTHING, progress: 'pending' };
  const attempt = nextAttempt(record, name);
  const neighbours = neighboursOf(world, record);
  const because = attempt === 0 ? `Container ${name} has not run yet` : `Container ${name} is to run again`;
  return one(
    { kind: 'startContainer', podUid: record.uid, pod, container: name, attempt, sandbox, image, neighbours, because },
    'ready',
  );
}

function waitForPull(world: World, container: string, pull: Pull): PodPlan {
  return waiting('PullingImage', `container ${container}: ${pullText(pull, world.now)}`);
}

const STARTING: ReadonlySet<ActionKind> = new Set(['inspectImage', 'pullImage', 'startContainer', 'startCreated']);

function one(action: Action, progress: StartPlan['progress']): StartPlan {
  return { ...NOTHING, actions: [action], progress };
}

interface ImageNeed {
  readonly container: DesiredContainer;
  readonly known: 'absent' | undefined;
}

/** Policy Always asks the registry each time; the others look on this machine first. */
function imageAction(record: PodRecord, pod: DesiredPod, { container, known }: ImageNeed): Action {
  const pulls = known === 'absent' || container.imagePullPolicy === 'Always';
  const because = pulls
    ? 'The image is not here, or must be asked for each time'
    : `Container ${container.name} is to start`;
  return {
    kind: pulls ? 'pullImage' : 'inspectImage',
    podUid: record.uid,
    pod,
    container: container.name,
    image: container.image,
    because,
  };
}

/** The pull is tried all the same: the image may need none of them. */
function missingSecrets(world: World, pod: DesiredPod): readonly Notice[] {
  const missing = pullSecretsOf(pod).filter((ref) => !world.objects.has(objectKey(ref)));
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name).join(', ');
  const message = `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`;
  return [{ topic: 'pullSecrets', cause: names, type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message }];
}

function held(world: World, record: PodRecord, container: DesiredContainer): PodPlan | undefined {
  const { name } = container;
  const now = world.now.mono;
  const trouble = record.startFaults[name];
  if (trouble !== undefined && now < trouble.retryAt) {
    const wait = waiting(trouble.reason, `container ${name}: ${trouble.message}`, trouble.retryAt);
    return isBackingOff(trouble, now) ? { ...wait, notices: pullBackOff(container, trouble) } : wait;
  }
  const until = heldBackUntil(record, name, now);
  if (until === undefined) return undefined;
  const message = `Back-off restarting failed container ${name} in pod ${podTitle(record)}`;
  const notice: Notice = {
    topic: `backoff/${name}`,
    cause: String(record.attempts[name] ?? 0),
    type: 'Warning',
    reason: 'BackOff',
    message,
    container: name,
  };
  return { ...waiting('CrashLoopBackOff', message, until), notices: [notice] };
}

function pullBackOff({ name, image }: DesiredContainer, trouble: Trouble): readonly Notice[] {
  const about = { cause: String(trouble.failures), container: name };
  const message = `Back-off pulling image "${trouble.image ?? image}"`;
  return [
    { ...about, topic: `pullBackOff/${name}`, type: 'Normal', reason: 'BackOff', message },
    { ...about, topic: `pullHeld/${name}`, type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
  ];
}

/** A pod as kubelet names it in messages: name_namespace(uid). */
export function podTitle(record: PodRecord): string {
  return `${record.name}_${record.namespace}(${record.uid})`;
}
