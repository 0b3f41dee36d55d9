// Starts one container: wait out what holds it back, get its image, then create and start an instance.
import { objectKey } from '../../api/dataObject.ts';
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { LocalImage, ObservedSandbox } from '../../api/observed.ts';
import { pullSecretsOf } from '../../api/podObjects.ts';
import { imageKey, imagesOf, imageVolumesOf, type WantedImage } from '../../api/wantedImages.ts';
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
  const wanted = imagesOf(pod, container).find((image) => !isHere(record, name, image));
  if (wanted !== undefined) return fetchImage(world, record, { pod, name, wanted });
  const image = localImage(record, name);
  if (sandbox === undefined || image === undefined) return { ...NOTHING, progress: 'pending' };
  const attempt = nextAttempt(record, name);
  const neighbours = neighboursOf(world, record);
  const because = attempt === 0 ? `Container ${name} has not run yet` : `Container ${name} is to run again`;
  return one(
    {
      kind: 'startContainer',
      podUid: record.uid,
      pod,
      container: name,
      attempt,
      sandbox,
      image,
      volumeImages: volumeImages(record, pod, container),
      neighbours,
      because,
    },
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

function isHere(record: PodRecord, container: string, { volume }: WantedImage): boolean {
  return localImage(record, container, volume) !== undefined;
}

function localImage(record: PodRecord, container: string, volume?: string): LocalImage | undefined {
  const known = record.images[imageKey({ container, volume })];
  return known === 'absent' ? undefined : known;
}

function volumeImages(record: PodRecord, pod: DesiredPod, container: DesiredContainer) {
  const found = imageVolumesOf(pod, container).map(
    ({ name }) => [name, localImage(record, container.name, name)] as const,
  );
  return Object.fromEntries(found.flatMap(([name, image]) => (image === undefined ? [] : [[name, image]])));
}

interface ImageNeed {
  readonly pod: DesiredPod;
  /** The container that needs it. */
  readonly name: string;
  readonly wanted: WantedImage;
}

/** Policy Always asks the registry each time; the others look on this machine first. */
function fetchImage(world: World, record: PodRecord, { pod, name, wanted }: ImageNeed): StartPlan {
  const isAbsent = record.images[imageKey({ container: name, volume: wanted.volume })] === 'absent';
  const common = { podUid: record.uid, pod, container: name, ...wanted };
  if (!isAbsent && wanted.policy !== 'Always') {
    return one({ ...common, kind: 'inspectImage', because: `Container ${name} is to start` }, 'pending');
  }
  const because = 'The image is not here, or must be asked for each time';
  return {
    ...waitForPull(world, name, { image: wanted.image, since: world.now }),
    actions: [{ ...common, kind: 'pullImage', because }],
    notices: missingSecrets(world, pod),
    progress: 'pending',
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
