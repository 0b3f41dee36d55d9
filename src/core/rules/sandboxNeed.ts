// Whether a pod's sandbox will do, must be made, or must be made anew. Pure.
// Rule: kubelet podSandboxChanged and computePodActions (kuberuntime).
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { ObservedSandbox } from '../../api/observed.ts';
import { allContainers } from '../../api/podContainers.ts';
import type { PodRecord } from '../world.ts';
import { newestInstance } from '../world.ts';
import { isReplaced } from './replaced.ts';
import { neverRestarts, restartsAfterExit } from './restart.ts';

export type SandboxNeed =
  | { readonly kind: 'keep'; readonly sandbox: ObservedSandbox }
  | { readonly kind: 'create'; readonly attempt: number }
  /** What is there must be stopped, then another one made. */
  | { readonly kind: 'replace'; readonly attempt: number; readonly because: string }
  /** It is gone or broken, and nothing in the pod would be started again: the pod has ended. */
  | { readonly kind: 'finish'; readonly because: string };

export function sandboxNeed(record: PodRecord, pod: DesiredPod): SandboxNeed {
  const newest = record.sandboxes[0];
  if (newest === undefined && record.containers.length === 0) return { kind: 'create', attempt: 0 };
  const because = newest === undefined ? 'Its sandbox is gone' : fault(record, newest, pod);
  if (newest !== undefined && because === undefined) return { kind: 'keep', sandbox: newest };
  const reason = because ?? 'Its sandbox is gone';
  if (!hasWorkLeft(record, pod)) return { kind: 'finish', because: reason };
  const attempt = Math.max(-1, ...record.sandboxes.map((s) => s.attempt)) + 1;
  return { kind: 'replace', attempt, because: reason };
}

function fault(record: PodRecord, newest: ObservedSandbox, pod: DesiredPod): string | undefined {
  const wanted = pod.spec.hostNetwork === true ? 'node' : 'pod';
  if (record.sandboxes.filter((s) => s.state === 'ready').length > 1) return 'It has more than one ready sandbox';
  if (newest.state !== 'ready') return 'Its sandbox is not ready';
  if (newest.network !== wanted) return `Its sandbox is on the network of the ${newest.network}`;
  if (wanted === 'pod' && newest.ips.length === 0) return 'Its sandbox has no address';
  return undefined;
}

/** True when some container would be started in a new sandbox. */
function hasWorkLeft(record: PodRecord, pod: DesiredPod): boolean {
  const all = allContainers(pod.spec);
  const hasRun = all.some((c) => newestInstance(record, c.name) !== undefined);
  if (!hasRun) return true;
  if (all.every((c) => neverRestarts(pod, c))) return false;
  return pod.spec.containers.some((c) => {
    const newest = newestInstance(record, c.name);
    return newest?.state !== 'exited' || isReplaced(record, c) || restartsAfterExit(pod, c, newest.exitCode ?? 1);
  });
}
