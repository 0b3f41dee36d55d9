// Image effects: look for it on this machine, pull it from its registry.
import type { Fault } from '../../api/fault.ts';
import { parseImageRef } from '../../api/imageRef.ts';
import type { Action } from '../../core/action.ts';
import type { ActionResult } from '../../core/input.ts';
import type { HandlerContext } from '../context.ts';
import { done, failed } from '../result.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export async function inspectImage(
  { pod, container, image }: Of<'inspectImage'>,
  { runtime }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const invalid = invalidName(image);
  if (invalid !== undefined) return failed(invalid);
  const found = await runtime.inspect(image, signal);
  if (!found.ok) return failed(found.error);
  if (found.value !== undefined) return done({ image: found.value });
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  if (all.find((c) => c.name === container)?.imagePullPolicy !== 'Never') return done({ image: 'absent' });
  const message = `Container image "${image}" is not present with pull policy of Never`;
  return failed({ kind: 'refused', reason: 'ErrImageNeverPull', message });
}

export async function pullImage(
  { pod, image }: Of<'pullImage'>,
  { runtime, now }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const invalid = invalidName(image);
  if (invalid !== undefined) return failed(invalid);
  const begun = now().mono;
  const pulled = await runtime.pull(image, pod, signal);
  return pulled.ok ? done({ image: pulled.value, pulledMs: now().mono - begun }) : failed(pulled.error);
}

function invalidName(image: string): Fault | undefined {
  const parsed = parseImageRef(image);
  if (parsed.ok) return undefined;
  const message = `Failed to apply default image tag "${image}": couldn't parse image reference "${image}": ${parsed.error}`;
  return { kind: 'refused', reason: 'InvalidImageName', message };
}
