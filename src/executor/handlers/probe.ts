// Questions to a running container, and the handlers of its start and end.
import type { Action } from '../../core/action.ts';
import type { ActionResult } from '../../core/input.ts';
import { probeOf } from '../../core/probing.ts';
import { Bug } from '../../lib/assert.ts';
import type { ProbeTarget } from '../../ports/probes.ts';
import { containerOf, type HandlerContext } from '../context.ts';
import { done, failed } from '../result.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export async function probe(
  action: Of<'probe'>,
  { probes }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const target = targetOf(action);
  const spec = probeOf(target.container, action.type);
  if (spec === undefined) throw new Bug(`Container ${action.container} has no ${action.type} probe`);
  const verdict = await probes.run(spec, target, signal);
  if (signal.aborted) return failed({ kind: 'cancelled', reason: 'Cancelled', message: 'Nobody waits for the answer' });
  return done({ verdict });
}

export async function runHook(
  action: Of<'postStart' | 'preStop'>,
  { probes }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const limit =
    action.timeoutMs === undefined
      ? signal
      : AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(action.timeoutMs))]);
  const trouble = await probes.runHook(action.handler, targetOf(action), limit);
  if (trouble === undefined) return done();
  const reason = action.kind === 'postStart' ? 'PostStartHookError' : 'FailedPreStopHook';
  return failed({ kind: 'refused', reason, message: trouble });
}

function targetOf({ pod, container: name, containerId, podIP }: Of<'probe' | 'postStart' | 'preStop'>): ProbeTarget {
  const container = containerOf(pod, name);
  return { pod, container, containerId, ...(podIP === undefined ? {} : { podIP }) };
}
