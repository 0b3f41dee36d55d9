// Container calls: create, start, stop with a grace period, remove, run a command.
// Rule: kubelet kuberuntime_container.go; Appendix A of its CRI use: which failure is shown as what.
import { CONFIG_VERSION_ANNOTATION } from '../api/configChange.ts';
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import type { Fault } from '../api/fault.ts';
import { OWNER_ANNOTATION } from '../api/node.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { ContainerRequest, ExecResult } from '../ports/runtime.ts';
import { CALL_DEADLINE_MS, type CriChannel } from './channel.ts';
import type { RuntimeContext } from './context.ts';
import { encodeContainer } from './encode/container.ts';
import { POD_UID_LABEL } from './encode/labels.ts';
import { containerResources } from './encode/resources.ts';
import { encodeSandbox } from './encode/sandbox.ts';
import { reservedFor } from './errors.ts';
import { whyNoImageVolumes } from './imageVolumes.ts';
import { goneIsDone } from './sandboxes.ts';

const CREATE_REASON = 'CreateContainerError';

/** Creates without starting. @returns the container's id */
export async function createContainer(
  context: RuntimeContext,
  request: ContainerRequest,
  signal: AbortSignal,
): Promise<Result<string, Fault>> {
  const { channel, node, owner, host } = context;
  const { pod, container, sandbox, cgroupParent, idRange } = request;
  const version = sandbox.annotations[CONFIG_VERSION_ANNOTATION];
  const sandboxConfig = encodeSandbox(pod, {
    node,
    owner,
    cgroupParent,
    attempt: sandbox.attempt,
    ...(version === undefined ? {} : { configVersion: version }),
    ...(idRange === undefined ? {} : { idRange }),
  });
  if (!sandboxConfig.ok) return err(configFault(sandboxConfig.error));
  const whyNot = await whyNoImageMounts(context, request, signal);
  if (whyNot !== undefined) return err({ kind: 'refused', reason: CREATE_REASON, message: whyNot });
  const facts = { ...request, ...host, node, owner };
  const recursiveReadOnly = wantsRecursiveReadOnly(request) && (await context.canMountRecursivelyReadOnly(signal));
  const config = encodeContainer(pod, container, { ...facts, recursiveReadOnly });
  if (!config.ok) return err(configFault(config.error));
  const answer = await channel.unary(
    'RuntimeService/CreateContainer',
    { podSandboxId: sandbox.id, config: config.value, sandboxConfig: sandboxConfig.value },
    { reason: CREATE_REASON, signal },
  );
  if (answer.ok) return ok(answer.value.containerId);
  await removeHalfMade(context, { request, fault: answer.error, signal });
  return answer;
}

export async function startContainer(
  { channel }: RuntimeContext,
  id: string,
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const options = { reason: 'RunContainerError', signal };
  const answer = await channel.unary('RuntimeService/StartContainer', { containerId: id }, options);
  return answer.ok ? ok(undefined) : answer;
}

/** Idempotent. What has no limit any more is told so: 0 would mean that nothing changes. */
export async function resizeContainer(
  { channel, node, host }: RuntimeContext,
  { id, pod, container }: { readonly id: string; readonly pod: DesiredPod; readonly container: DesiredContainer },
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const { cpuPeriod, cpuQuota, cpuShares, memoryLimitInBytes } = containerResources(pod, container, { node, ...host });
  const linux = {
    ...(cpuPeriod === undefined ? {} : { cpuPeriod }),
    ...(cpuShares === undefined ? {} : { cpuShares }),
    cpuQuota: cpuQuota || -1,
    memoryLimitInBytes: memoryLimitInBytes || -1,
  };
  const options = { reason: 'ResizeError', signal };
  const answer = await channel.unary('RuntimeService/UpdateContainerResources', { containerId: id, linux }, options);
  return answer.ok ? ok(undefined) : answer;
}

/** Stop signal, grace, kill: the runtime does all three. Idempotent. */
export async function stopContainer(
  { channel }: RuntimeContext,
  { id, graceSeconds }: { readonly id: string; readonly graceSeconds: number },
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const timeout = Math.max(0, Math.ceil(graceSeconds));
  const options = { reason: 'FailedKillPod', signal, deadlineMs: CALL_DEADLINE_MS + timeout * 1000 };
  return goneIsDone(await channel.unary('RuntimeService/StopContainer', { containerId: id, timeout }, options));
}

/** Idempotent. */
export async function removeContainer(
  { channel }: { readonly channel: CriChannel },
  id: string,
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const options = { reason: 'FailedRemoveContainer', signal };
  return goneIsDone(await channel.unary('RuntimeService/RemoveContainer', { containerId: id }, options));
}

/** Lets the runtime open the log file anew, after the old one was moved. */
export async function reopenLog(
  { channel }: RuntimeContext,
  id: string,
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const options = { reason: 'FailedReopenLog', signal };
  const answer = await channel.unary('RuntimeService/ReopenContainerLog', { containerId: id }, options);
  return answer.ok ? ok(undefined) : answer;
}

/** @param timeoutSeconds 0 means no limit of the runtime's; the call then ends with its signal */
export async function execSync(
  { channel }: RuntimeContext,
  {
    id,
    command,
    timeoutSeconds,
  }: { readonly id: string; readonly command: readonly string[]; readonly timeoutSeconds: number },
  signal: AbortSignal,
): Promise<Result<ExecResult, Fault>> {
  const deadlineMs = timeoutSeconds === 0 ? Number.POSITIVE_INFINITY : CALL_DEADLINE_MS + timeoutSeconds * 1000;
  const answer = await channel.unary(
    'RuntimeService/ExecSync',
    { containerId: id, cmd: command, timeout: timeoutSeconds },
    { reason: 'ExecSyncError', signal, deadlineMs },
  );
  if (!answer.ok) return answer;
  const { exitCode, stdout, stderr } = answer.value;
  return ok({ exitCode, stdout, stderr });
}

/**
 * A name held for a container that a lost call made or is making: what is there and never ran is removed, so that the
 * next attempt can have the name. The fault stays: the planner tries again after its back-off.
 */
async function removeHalfMade(
  context: RuntimeContext,
  {
    request,
    fault,
    signal,
  }: { readonly request: ContainerRequest; readonly fault: Fault; readonly signal: AbortSignal },
): Promise<void> {
  const id = reservedFor(fault);
  if (id === undefined) return;
  const options = { reason: CREATE_REASON, signal };
  const answer = await context.channel.unary('RuntimeService/ContainerStatus', { containerId: id }, options);
  const status = answer.ok ? answer.value.status : null;
  if (status === null || status.state !== 'CONTAINER_CREATED') return;
  const isOurs =
    status.annotations[OWNER_ANNOTATION] === context.owner && status.labels[POD_UID_LABEL] === request.pod.uid;
  if (isOurs) await removeContainer(context, id, signal);
}

async function whyNoImageMounts(
  { channel }: RuntimeContext,
  { container, volumeImages, subPaths }: ContainerRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [volume] = Object.keys(volumeImages);
  if (volume === undefined) return undefined;
  const options = { reason: CREATE_REASON, signal };
  const answer = await channel.unary('RuntimeService/Version', { version: '0.1.0' }, options);
  if (!answer.ok) return undefined;
  const { runtimeName: name, runtimeVersion: version } = answer.value;
  const inPart = (container.volumeMounts ?? []).some(
    (mount, index) => volumeImages[mount.name] !== undefined && subPaths[index] !== undefined,
  );
  const why = whyNoImageVolumes({ name, version }, { inPart });
  return why === undefined ? undefined : `volume "${volume}": ${why}`;
}

function wantsRecursiveReadOnly({ container }: ContainerRequest): boolean {
  return (
    container.volumeMounts?.some(({ recursiveReadOnly: mode }) => mode !== undefined && mode !== 'Disabled') ?? false
  );
}

function configFault(message: string): Fault {
  return { kind: 'refused', reason: 'CreateContainerConfigError', message };
}
