// Image calls. Rule: kubelet images/image_manager.go and kuberuntime_image.go: the name goes to the runtime as the user
// wrote it, with ":latest" where neither tag nor digest is given; the pull itself has no deadline.
import type { Fault } from '../api/fault.ts';
import { runtimeImageName } from '../api/imageRef.ts';
import type { LocalImage } from '../api/observed.ts';
import { Bug } from '../lib/assert.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { RegistryCredential } from '../ports/credentials.ts';
import type { PulledImage, PullRequest } from '../ports/runtime.ts';
import type { CriChannel } from './channel.ts';
import { CRI_NAMESPACE } from './containerdEvents.ts';
import type { RuntimeContext } from './context.ts';
import { decodeImage } from './decode/image.ts';
import { encodeSandbox } from './encode/sandbox.ts';
import type { AuthConfig, PodSandboxConfig, ReadImage, ReadIngest } from './messages.ts';

const INSPECT_REASON = 'ImageInspectError';
const PULL_REASON = 'ErrImagePull';

/** @returns undefined where the image is not on this machine */
export async function inspectImage(
  context: RuntimeContext,
  image: string,
  signal: AbortSignal,
): Promise<Result<LocalImage | undefined, Fault>> {
  const found = await readImage(context, { image: runtimeImageName(image), reason: INSPECT_REASON, signal });
  if (!found.ok) return found;
  return ok(found.value === undefined ? undefined : decodeImage(found.value));
}

export async function pullImage(
  context: RuntimeContext,
  request: PullRequest,
  signal: AbortSignal,
): Promise<Result<PulledImage, Fault>> {
  const unfollow = request.progress === undefined ? undefined : context.downloads.follow(request.progress);
  try {
    return await pullWithAny(context, request, signal);
  } finally {
    unfollow?.();
  }
}

const LIST_DEADLINE_MS = 10_000;

/** @returns undefined where the runtime does not tell */
export async function listDownloads(channel: CriChannel): Promise<readonly ReadIngest[] | undefined> {
  const signal = AbortSignal.timeout(LIST_DEADLINE_MS);
  const options = { reason: PULL_REASON, signal, deadlineMs: LIST_DEADLINE_MS, namespace: CRI_NAMESPACE };
  const answer = await channel.unary('Content/ListStatuses', { filters: [] }, options);
  return answer.ok ? answer.value.statuses : undefined;
}

/** One call for each credential until the registry accepts one, or one call without. */
async function pullWithAny(
  context: RuntimeContext,
  { image, pod, credentials }: PullRequest,
  signal: AbortSignal,
): Promise<Result<PulledImage, Fault>> {
  const { node, owner } = context;
  const sandbox = encodeSandbox(pod, { node, owner, attempt: 0, cgroupParent: '' });
  if (!sandbox.ok) return err({ kind: 'refused', reason: PULL_REASON, message: sandbox.error });
  const attempts: readonly (RegistryCredential | undefined)[] = credentials.length === 0 ? [undefined] : credentials;
  const faults: Fault[] = [];
  for (const credential of attempts) {
    const pulled = await pullOnce(context, { image, pod, sandboxConfig: sandbox.value, credential }, signal);
    if (pulled.ok) return pulled;
    faults.push(pulled.error);
    // Another credential would not help against a runtime that is not there.
    if (pulled.error.kind !== 'refused' && pulled.error.kind !== 'notFound') break;
  }
  return err(oneFault(faults));
}

interface Attempt extends Pick<PullRequest, 'image' | 'pod'> {
  readonly sandboxConfig: PodSandboxConfig;
  readonly credential: RegistryCredential | undefined;
}

async function pullOnce(
  context: RuntimeContext,
  { image, pod, sandboxConfig, credential }: Attempt,
  signal: AbortSignal,
): Promise<Result<PulledImage, Fault>> {
  const name = runtimeImageName(image);
  const spec = { image: name, annotations: pod.metadata.annotations, userSpecifiedImage: image };
  const auth = credential === undefined ? {} : { auth: encodeAuth(credential) };
  const pulled = await context.channel.unary(
    'ImageService/PullImage',
    { image: spec, ...auth, sandboxConfig },
    { reason: PULL_REASON, signal, deadlineMs: Number.POSITIVE_INFINITY },
  );
  if (!pulled.ok) return err(pullFault(pulled.error, name));
  const { imageRef } = pulled.value;
  const found = await readImage(context, { image: imageRef, reason: PULL_REASON, signal });
  if (!found.ok) return found;
  if (found.value === undefined) {
    return err({ kind: 'refused', reason: PULL_REASON, message: `Image "${imageRef}" vanished after it was pulled` });
  }
  const pulledImage = { image: decodeImage(found.value, imageRef), id: found.value.id };
  return ok(credential === undefined ? pulledImage : { ...pulledImage, credential });
}

function encodeAuth({ username, password, identityToken }: RegistryCredential): AuthConfig {
  return identityToken === '' ? { username, password } : { identityToken };
}

/** Several refusals as the reference shows them: each text once, in brackets. */
function oneFault(faults: readonly Fault[]): Fault {
  const last = faults.at(-1);
  if (last === undefined) throw new Bug('A pull that failed has no fault');
  const messages = [...new Set(faults.map(({ message }) => message))];
  return messages.length === 1 ? last : { ...last, message: `[${messages.join(', ')}]` };
}

async function readImage(
  { channel }: RuntimeContext,
  { image, reason, signal }: { readonly image: string; readonly reason: string; readonly signal: AbortSignal },
): Promise<Result<ReadImage | undefined, Fault>> {
  const answer = await channel.unary('ImageService/ImageStatus', { image: { image } }, { reason, signal });
  if (answer.ok) return ok(answer.value.image ?? undefined);
  return answer.error.kind === 'notFound' ? ok(undefined) : answer;
}

/** Runtimes name two kinds of failure by a word at the beginning of the message. */
function pullFault(fault: Fault, image: string): Fault {
  const [, word, rest = ''] = /^(RegistryUnavailable|SignatureValidationFailed)(?:: )?(.*)$/s.exec(fault.message) ?? [];
  switch (word) {
    case 'RegistryUnavailable':
      return {
        ...fault,
        reason: word,
        message: `image pull failed for ${image} because the registry is unavailable: ${rest}`,
      };
    case 'SignatureValidationFailed':
      return {
        ...fault,
        reason: word,
        message: `image pull failed for ${image} because the signature validation failed: ${rest}`,
      };
    default:
      return fault;
  }
}
