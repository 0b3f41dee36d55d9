// Sandbox calls: run with recovery of what an unanswered call left behind, stop, remove.
// Rule: kubelet kuberuntime_sandbox.go; after a call that failed, sandboxes of the same pod and attempt are looked up,
// a READY one is taken over and the others are cleared away.
import type { Fault } from '../api/fault.ts';
import { OWNER_ANNOTATION } from '../api/node.ts';
import type { ObservedSandbox } from '../api/observed.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { SandboxRequest } from '../ports/runtime.ts';
import { CALL_DEADLINE_MS } from './channel.ts';
import type { RuntimeContext } from './context.ts';
import { POD_UID_LABEL } from './encode/labels.ts';
import { encodeSandbox } from './encode/sandbox.ts';
import { reservedFor } from './errors.ts';
import type { ReadSandbox } from './messages.ts';

/** The kubelet gives the sandbox twice its usual time: an image may have to be pulled, a network set up. */
const RUN_DEADLINE_MS = 2 * CALL_DEADLINE_MS;
const RUN_REASON = 'FailedCreatePodSandBox';

export async function runSandbox(
  context: RuntimeContext,
  request: SandboxRequest,
  signal: AbortSignal,
): Promise<Result<ObservedSandbox, Fault>> {
  const { channel, node, owner, observer } = context;
  const config = encodeSandbox(request.pod, { ...request, node, owner });
  if (!config.ok) return err({ kind: 'refused', reason: RUN_REASON, message: config.error });
  const answer = await channel.unary(
    'RuntimeService/RunPodSandbox',
    { config: config.value, runtimeHandler: request.runtimeHandler ?? '' },
    { reason: RUN_REASON, signal, deadlineMs: RUN_DEADLINE_MS },
  );
  const id = answer.ok
    ? answer.value.podSandboxId
    : await recoverSandbox(context, { request, fault: answer.error, signal });
  if (id === undefined) return answer.ok ? err(noId()) : answer;
  const sandbox = await observer.inspectSandbox(id, signal);
  return sandbox.ok ? sandbox : err({ ...sandbox.error, reason: 'FailedPodSandBoxStatus' });
}

/** Idempotent: a sandbox that is not there counts as stopped. */
export async function stopSandbox(
  { channel }: RuntimeContext,
  id: string,
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const options = { reason: 'FailedKillPod', signal };
  return goneIsDone(await channel.unary('RuntimeService/StopPodSandbox', { podSandboxId: id }, options));
}

/** Idempotent; the runtime removes the sandbox's containers too. */
export async function removeSandbox(
  { channel }: RuntimeContext,
  id: string,
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const options = { reason: 'FailedRemovePodSandbox', signal };
  return goneIsDone(await channel.unary('RuntimeService/RemovePodSandbox', { podSandboxId: id }, options));
}

/** What was to be ended is not there: done. */
export function goneIsDone(answer: Result<unknown, Fault>): Result<void, Fault> {
  return answer.ok || answer.error.kind === 'notFound' ? ok(undefined) : answer;
}

/** @returns the id of a sandbox that the failed call made after all */
async function recoverSandbox(
  context: RuntimeContext,
  { request, fault, signal }: { readonly request: SandboxRequest; readonly fault: Fault; readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (fault.kind !== 'unknownOutcome' && reservedFor(fault) === undefined) return undefined;
  const filter = { filter: { labelSelector: { [POD_UID_LABEL]: request.pod.uid } } };
  const list = await context.channel.unary('RuntimeService/ListPodSandbox', filter, { reason: RUN_REASON, signal });
  if (!list.ok) return undefined;
  const attempts = list.value.items.filter((sandbox) => isSameAttempt(sandbox, request, context.owner));
  const ready = attempts.find(({ state }) => state === 'SANDBOX_READY');
  for (const { id } of attempts.filter((sandbox) => sandbox !== ready)) {
    const stopped = await stopSandbox(context, id, signal);
    if (stopped.ok) await removeSandbox(context, id, signal);
  }
  return ready?.id;
}

function isSameAttempt({ metadata, annotations }: ReadSandbox, request: SandboxRequest, owner: string): boolean {
  return metadata?.attempt === request.attempt && annotations[OWNER_ANNOTATION] === owner;
}

function noId(): Fault {
  return { kind: 'unknownOutcome', reason: RUN_REASON, message: 'The runtime ran a sandbox and did not name it' };
}
