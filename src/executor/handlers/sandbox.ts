// Pod-level effects: directories, volumes and cgroup; the sandbox.
import { allContainers, containerNamed } from '../../api/podContainers.ts';
import type { Action } from '../../core/action.ts';
import type { ActionResult } from '../../core/input.ts';
import { podDns } from '../../network/dns.ts';
import type { HandlerContext } from '../context.ts';
import { done, failed } from '../result.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

export async function setUpPod(
  { pod, hosts }: Of<'setUpPod'>,
  context: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const cgroup = await context.cgroups.ensurePod(pod, signal);
  if (!cgroup.ok) return failed(cgroup.error);
  const volumes = await context.volumes.setUp(pod, signal);
  if (!volumes.ok) return failed(volumes.error);
  const written = hosts === undefined ? undefined : await context.volumes.refreshHosts(pod, hosts, signal);
  if (written?.ok === false) return failed(written.error);
  const users = pod.spec.hostUsers === false ? await context.userNamespaces.allocate(pod.uid, signal) : undefined;
  if (users?.ok === false) return failed(users.error);
  context.setUps.set(pod.uid, {
    volumes: volumes.value,
    cgroupParent: cgroup.value,
    ...(users === undefined ? {} : { idRange: users.value }),
  });
  const { warnings } = podDns(pod, context.node);
  const rewritten = Object.entries(volumes.value).flatMap(([name, volume]) => (volume.rewritten ? [name] : []));
  return done({
    lastAttempts: await lastAttempts(pod, context),
    ...(rewritten.length === 0 ? {} : { rewritten }),
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

export async function refreshVolumes(
  { pod }: Of<'refreshVolumes'>,
  { volumes }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const refreshed = await volumes.refresh(pod, signal);
  return refreshed.ok ? done({ rewritten: refreshed.value }) : failed(refreshed.error);
}

export async function measureVolumes(
  { pod, limits }: Of<'measureVolumes'>,
  { volumes, setUps }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const usage = await volumes.usage(setUps.get(pod.uid)?.volumes ?? {}, limits, signal);
  return usage.ok ? done({ usage: usage.value }) : failed(usage.error);
}

export async function refreshHosts(
  { pod, hosts }: Of<'refreshHosts'>,
  { volumes }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const written = await volumes.refreshHosts(pod, hosts, signal);
  return written.ok ? done() : failed(written.error);
}

/** The pod's limits are written before and after: the kernel refuses those that its children do not fit into. */
export async function resizePod(
  { pod, containers }: Of<'resizePod'>,
  { cgroups, runtime }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const widened = await cgroups.resizePod(pod, 'before', signal);
  if (!widened.ok) return failed(widened.error);
  for (const { id, name } of containers) {
    const container = containerNamed(pod.spec, name);
    if (container === undefined) continue;
    const resized = await runtime.resizeContainer(id, { pod, container }, signal);
    if (!resized.ok) return failed(resized.error);
  }
  const settled = await cgroups.resizePod(pod, 'after', signal);
  return settled.ok ? done() : failed(settled.error);
}

async function lastAttempts(pod: Of<'setUpPod'>['pod'], { logs }: HandlerContext): Promise<{ [name: string]: number }> {
  const names = allContainers(pod.spec).map((c) => c.name);
  const found = await Promise.all(names.map(async (name) => [name, await logs.lastAttempt(pod, name)] as const));
  return Object.fromEntries(found.flatMap(([name, attempt]) => (attempt === undefined ? [] : [[name, attempt]])));
}

export async function createSandbox(
  { pod, attempt, runtimeHandler, configVersion }: Of<'createSandbox'>,
  context: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const { cgroupParent = '', idRange } = context.setUps.get(pod.uid) ?? {};
  const sandbox = await context.runtime.runSandbox(
    {
      pod,
      attempt,
      cgroupParent,
      ...(runtimeHandler === undefined ? {} : { runtimeHandler }),
      ...(idRange === undefined ? {} : { idRange }),
      ...(configVersion === undefined ? {} : { configVersion }),
    },
    signal,
  );
  return sandbox.ok ? done({ sandbox: sandbox.value }) : failed(sandbox.error);
}

export async function stopSandbox(
  { sandboxId }: Of<'stopSandbox'>,
  { runtime }: HandlerContext,
  signal: AbortSignal,
): Promise<ActionResult> {
  const stopped = await runtime.stopSandbox(sandboxId, signal);
  return stopped.ok ? done() : failed(stopped.error);
}
