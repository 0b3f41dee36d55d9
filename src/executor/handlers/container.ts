// Container effects: one new instance from files to running process, and its end.
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import { containerEnvironment } from '../../api/environment.ts';
import type { Action } from '../../core/action.ts';
import type { ActionResult, Facts } from '../../core/input.ts';
import { invariant } from '../../lib/assert.ts';
import { containerOf, type HandlerContext } from '../context.ts';
import { done, failed } from '../result.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export async function startContainer(
  action: Of<'startContainer'>,
  context: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const { pod, sandbox, attempt, image, volumeImages, neighbours } = action;
  const container = containerOf(pod, action.container);
  const setUp = context.setUps.get(pod.uid);
  invariant(setUp !== undefined, `Pod ${pod.key} is set up before its containers start`);
  const prepared = await context.logs.prepare(pod, container.name, signal);
  if (!prepared.ok) return failed(prepared.error);
  const files = await context.volumes.containerFiles(pod, container, { podIPs: sandbox.ips, neighbours }, signal);
  if (!files.ok) return failed(files.error);
  const envFiles = await context.volumes.environmentFiles(container, setUp.volumes, signal);
  if (!envFiles.ok) return failed(envFiles.error);
  const environment = containerEnvironment(pod, container, {
    node: context.node,
    podIPs: sandbox.ips,
    find: context.objects.find,
    files: envFiles.value,
  });
  if (!environment.ok) {
    return failed({ kind: 'refused', reason: 'CreateContainerConfigError', message: environment.error });
  }
  const { volumes, cgroupParent, idRange } = setUp;
  const wishes = { volumes, environment: environment.value };
  const subPaths = await context.volumes.subPaths(pod, container, wishes, signal);
  if (!subPaths.ok) return failed(subPaths.error);
  const request = {
    pod,
    container,
    sandbox,
    attempt,
    image,
    volumeImages,
    cgroupParent,
    ...wishes,
    subPaths: subPaths.value,
    files: files.value,
    ...(idRange === undefined ? {} : { idRange }),
  };
  const created = await context.runtime.createContainer(request, signal);
  if (!created.ok) return failed(created.error);
  return start(created.value, { pod, container }, { context, signal });
}

export async function startCreated(
  action: Of<'startCreated'>,
  context: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const container = containerOf(action.pod, action.container);
  return start(action.containerId, { pod: action.pod, container }, { context, signal });
}

interface Call {
  readonly context: HandlerContext;
  readonly signal: AbortSignal;
}

async function start(
  id: string,
  { pod, container }: { readonly pod: DesiredPod; readonly container: DesiredContainer },
  { context, signal }: Call,
): Promise<ActionResult> {
  const started = await context.runtime.startContainer(id, signal);
  const facts = await look(id, { context, signal });
  if (!started.ok) return failed(started.error, facts);
  if (facts.container !== undefined) await context.logs.link(pod, container.name, id, facts.container.logPath);
  return done(facts);
}

export async function signalContainer(
  { containerId, signal: name }: Of<'signalContainer'>,
  { runtime }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const sent = await runtime.signalContainer(containerId, name, signal);
  return sent.ok ? done() : failed(sent.error);
}

export async function stopContainer(
  { containerId, graceSeconds }: Of<'stopContainer'>,
  context: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const stopped = await context.runtime.stopContainer(containerId, graceSeconds, signal);
  if (!stopped.ok) return failed(stopped.error);
  return done(await look(containerId, { context, signal }));
}

/** The container as it is after the effect; nothing when it can't be told, which the next look at the runtime mends. */
async function look(id: string, { context, signal }: Call): Promise<Facts> {
  const seen = await context.runtime.inspectContainer(id, signal);
  return seen.ok ? { container: seen.value } : {};
}
