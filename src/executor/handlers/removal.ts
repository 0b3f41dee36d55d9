// Effects that leave nothing behind: containers, sandboxes, volumes, cgroups, logs. All idempotent.
import type { Action } from '../../core/action.ts';
import type { ActionResult } from '../../core/input.ts';
import type { HandlerContext } from '../context.ts';
import { done, failed } from '../result.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export async function removeContainer(
  { containerId, logPath, logs: fate }: Of<'removeContainer'>,
  { runtime, logs }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const removed = await runtime.removeContainer(containerId, signal);
  if (!removed.ok) return failed(removed.error);
  if (fate === 'keep' && logPath !== '') await logs.removeOlder(logPath);
  if (fate === 'remove' && logPath !== '') await logs.removeContainer(logPath, containerId);
  return done();
}

export async function removeSandbox(
  { sandboxId }: Of<'removeSandbox'>,
  { runtime }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const removed = await runtime.removeSandbox(sandboxId, signal);
  return removed.ok ? done() : failed(removed.error);
}

export async function tearDownPod(
  { podUid }: Of<'tearDownPod'>,
  { volumes, cgroups, setUps }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  // The directory goes last: it is what tells the next start that there was a pod whose cgroup may be left.
  const removed = await cgroups.removePod(podUid, signal);
  if (!removed.ok) return failed(removed.error);
  const tornDown = await volumes.tearDown(podUid, signal);
  if (!tornDown.ok) return failed(tornDown.error);
  setUps.delete(podUid);
  return done();
}

export async function removeLogs(
  { podUid, namespace, name }: Of<'removeLogs'>,
  { logs }: HandlerContext,
): Promise<ActionResult> {
  await logs.removePod({ namespace, name, uid: podUid });
  return done();
}
