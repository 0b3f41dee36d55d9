// Image calls. Rule: kubelet images/image_manager.go and kuberuntime_image.go: the name goes to the runtime as the user
// wrote it, with ":latest" where neither tag nor digest is given; the pull itself has no deadline.
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Fault } from '../api/fault.ts';
import { runtimeImageName } from '../api/imageRef.ts';
import type { LocalImage } from '../api/observed.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { RuntimeContext } from './context.ts';
import { decodeImage } from './decode/image.ts';
import { encodeSandbox } from './encode/sandbox.ts';
import type { ReadImage } from './messages.ts';

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
  { image, pod }: { readonly image: string; readonly pod: DesiredPod },
  signal: AbortSignal,
): Promise<Result<LocalImage, Fault>> {
  const { channel, node, owner } = context;
  const sandboxConfig = encodeSandbox(pod, { node, owner, attempt: 0, cgroupParent: '' });
  if (!sandboxConfig.ok) return err({ kind: 'refused', reason: PULL_REASON, message: sandboxConfig.error });
  const name = runtimeImageName(image);
  const spec = { image: name, annotations: pod.metadata.annotations, userSpecifiedImage: image };
  const pulled = await channel.unary(
    'ImageService/PullImage',
    { image: spec, sandboxConfig: sandboxConfig.value },
    { reason: PULL_REASON, signal, deadlineMs: Number.POSITIVE_INFINITY },
  );
  if (!pulled.ok) return err(pullFault(pulled.error, name));
  const { imageRef } = pulled.value;
  const found = await readImage(context, { image: imageRef, reason: PULL_REASON, signal });
  if (!found.ok) return found;
  if (found.value !== undefined) return ok(decodeImage(found.value, imageRef));
  return err({ kind: 'refused', reason: PULL_REASON, message: `Image "${imageRef}" vanished after it was pulled` });
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
