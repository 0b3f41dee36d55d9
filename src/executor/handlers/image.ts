// Image effects: look for it on this machine, pull it from its registry.
import type { Fault } from '../../api/fault.ts';
import { parseImageRef } from '../../api/imageRef.ts';
import type { PullProgress } from '../../api/pullProgress.ts';
import type { Action } from '../../core/action.ts';
import type { ActionResult } from '../../core/input.ts';
import type { HandlerContext } from '../context.ts';
import { done, failed } from '../result.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export async function inspectImage(
  { image, policy }: Of<'inspectImage'>,
  { runtime }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const invalid = invalidName(image);
  if (invalid !== undefined) return failed(invalid);
  const found = await runtime.inspect(image, signal);
  if (!found.ok) {
    const message = `Failed to inspect image "${image}": ${found.error.message}`;
    return failed({ ...found.error, message });
  }
  if (found.value !== undefined) return done({ image: found.value });
  if (policy !== 'Never') return done({ image: 'absent' });
  const message = `Container image "${image}" is not present with pull policy of Never`;
  return failed({ kind: 'refused', reason: 'ErrImageNeverPull', message });
}

export async function pullImage(
  action: Of<'pullImage'>,
  { runtime, credentials, now, pulling }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const { pod, image, policy } = action;
  const invalid = invalidName(image);
  if (invalid !== undefined) return failed(invalid);
  if (policy !== 'Always') {
    // Another pod may have brought it while this pull waited for its turn.
    const present = await runtime.inspect(image, signal);
    if (present.ok && present.value !== undefined) return done({ image: present.value });
  }
  const begun = now().mono;
  const found = await credentials.find(pod, image, signal);
  const progress = (told: PullProgress): void => pulling(action, told);
  const pulled = await runtime.pull({ image, pod, credentials: found.credentials, progress }, signal);
  const warnings = found.troubles.map((message) => ({ reason: 'UnusableRegistryCredentials', message }));
  if (!pulled.ok) return failed(pulled.error, { warnings });
  return done({ image: pulled.value.image, pulledMs: now().mono - begun, warnings });
}

function invalidName(image: string): Fault | undefined {
  const parsed = parseImageRef(image);
  if (parsed.ok) return undefined;
  const message = `Failed to apply default image tag "${image}": couldn't parse image reference "${image}": ${parsed.error}`;
  return { kind: 'refused', reason: 'InvalidImageName', message };
}
