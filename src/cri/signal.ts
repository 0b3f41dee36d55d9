// Sends a signal to a container. CRI has no call for it: the runtime tells the process, and before it gets a signal the
// kernel confirms that it is still the container's.
import { readFile } from 'node:fs/promises';
import type { ConfigSignal } from '../api/configChange.ts';
import type { Fault } from '../api/fault.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { CriChannel } from './channel.ts';

const REASON = 'FailedSignal';

export async function signalContainer(
  channel: CriChannel,
  { id, name }: { readonly id: string; readonly name: ConfigSignal },
  signal: AbortSignal,
): Promise<Result<void, Fault>> {
  const request = { containerId: id, verbose: true };
  const answer = await channel.unary('RuntimeService/ContainerStatus', request, { reason: REASON, signal });
  if (!answer.ok) return answer;
  const pid = pidOf(answer.value.info?.['info']);
  if (pid === undefined) return refused('the runtime does not tell the process of the container');
  const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  if (!cgroups.includes(id)) return refused('the container has no process any more');
  try {
    process.kill(pid, name);
    return ok(undefined);
  } catch (cause) {
    return refused(cause instanceof Error ? cause.message : String(cause));
  }
}

/** containerd and CRI-O tell it alike. */
function pidOf(info: string | undefined): number | undefined {
  try {
    const parsed: unknown = JSON.parse(info ?? '');
    const pid = typeof parsed === 'object' && parsed !== null && 'pid' in parsed ? parsed.pid : undefined;
    return typeof pid === 'number' && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function refused(message: string): Result<never, Fault> {
  return err({ kind: 'refused', reason: REASON, message });
}
