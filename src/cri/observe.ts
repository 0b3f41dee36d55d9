// Looks at the runtime: two lists, and a status for each object whose state is new. Sees only what this runner made,
// by owner annotation and pod uid; an object that vanishes between list and status is left out.
//
// A detail that the runtime refuses to give must not hide its object, or the planner would make it a second time: then
// the list's entry stands in.
import type { Fault } from '../api/fault.ts';
import { OWNER_ANNOTATION } from '../api/node.ts';
import type { Observation, ObservedContainer, ObservedSandbox } from '../api/observed.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { CriChannel } from './channel.ts';
import { decodeContainer, decodeContainerStatus } from './decode/container.ts';
import { decodeSandbox } from './decode/sandbox.ts';
import { createDetailCache } from './detailCache.ts';
import { POD_UID_LABEL } from './encode/labels.ts';
import type { ReadContainer, ReadSandbox } from './messages.ts';
import { terminationMessage } from './terminationMessage.ts';

const REASON = 'RuntimeObservation';

export interface Observer {
  observe(options: { readonly podUid?: string }, signal: AbortSignal): Promise<Result<Observation, Fault>>;
  inspectSandbox(id: string, signal: AbortSignal): Promise<Result<ObservedSandbox, Fault>>;
  inspectContainer(id: string, signal: AbortSignal): Promise<Result<ObservedContainer, Fault>>;
  /** Whose container or sandbox this is, as far as it has been seen. */
  podUidOf(id: string): string | undefined;
}

/** @param owner root directory of this runner: what others made is not seen */
export function createObserver(channel: CriChannel, owner: string): Observer {
  const sandboxes = createDetailCache<ObservedSandbox>();
  const containers = createDetailCache<ObservedContainer>();

  async function observe({ podUid }: { readonly podUid?: string }, signal: AbortSignal) {
    const filter = podUid === undefined ? {} : { filter: { labelSelector: { [POD_UID_LABEL]: podUid } } };
    const [sandboxList, containerList] = await Promise.all([
      channel.unary('RuntimeService/ListPodSandbox', filter, { reason: REASON, signal }),
      channel.unary('RuntimeService/ListContainers', filter, { reason: REASON, signal }),
    ]);
    if (!sandboxList.ok) return sandboxList;
    if (!containerList.ok) return containerList;
    const ownSandboxes = sandboxList.value.items.filter(isOwn);
    const ownContainers = containerList.value.containers.filter(isOwn);
    const [seenSandboxes, seenContainers] = await Promise.all([
      allOrFault(ownSandboxes.map((sandbox) => detailSandbox(sandbox, signal))),
      allOrFault(ownContainers.map((container) => detailContainer(container, signal))),
    ]);
    if (!seenSandboxes.ok) return seenSandboxes;
    if (!seenContainers.ok) return seenContainers;
    if (podUid === undefined) {
      sandboxes.retain(new Set(ownSandboxes.map(({ id }) => id)));
      containers.retain(new Set(ownContainers.map(({ id }) => id)));
    }
    return ok({
      ...(podUid === undefined ? {} : { podUid }),
      sandboxes: seenSandboxes.value,
      containers: seenContainers.value,
    });
  }

  function isOwn({ annotations, labels }: ReadSandbox | ReadContainer): boolean {
    return annotations[OWNER_ANNOTATION] === owner && Boolean(labels[POD_UID_LABEL]);
  }

  async function detailSandbox(listed: ReadSandbox, signal: AbortSignal): Promise<Detail<ObservedSandbox>> {
    const known = sandboxes.get(listed.id, listed.state);
    if (known !== undefined) return ok(known);
    const inspected = await inspectSandbox(listed.id, signal);
    return inspected.ok ? inspected : standIn(inspected.error, decodeSandbox(listed));
  }

  async function detailContainer(listed: ReadContainer, signal: AbortSignal): Promise<Detail<ObservedContainer>> {
    const known = containers.get(listed.id, listed.state);
    if (known !== undefined) return ok(known);
    const status = await readContainer(listed.id, { sandboxId: listed.podSandboxId, signal });
    return status.ok ? status : standIn(status.error, decodeContainer(listed));
  }

  async function inspectSandbox(id: string, signal: AbortSignal): Promise<Result<ObservedSandbox, Fault>> {
    const request = { podSandboxId: id };
    const answer = await channel.unary('RuntimeService/PodSandboxStatus', request, { reason: REASON, signal });
    if (!answer.ok) return answer;
    const { status } = answer.value;
    const sandbox = status === null ? undefined : decodeSandbox(status);
    if (status === null || sandbox === undefined) return err(notFound('sandbox', id));
    // An address may still come; once it is there, nothing of a sandbox changes without its state.
    const complete = sandbox.network === 'node' || sandbox.ips.length > 0 || sandbox.state === 'notReady';
    if (complete) sandboxes.set(id, { state: status.state, detail: sandbox });
    return ok(sandbox);
  }

  async function inspectContainer(id: string, signal: AbortSignal): Promise<Result<ObservedContainer, Fault>> {
    const known = containers.peek(id);
    if (known !== undefined) return await readContainer(id, { sandboxId: known.sandboxId, signal });
    const filter = { filter: { id } };
    const list = await channel.unary('RuntimeService/ListContainers', filter, { reason: REASON, signal });
    if (!list.ok) return list;
    const listed = list.value.containers.find((container) => container.id === id);
    if (listed === undefined) return err(notFound('container', id));
    return await readContainer(id, { sandboxId: listed.podSandboxId, signal });
  }

  async function readContainer(
    id: string,
    { sandboxId, signal }: { readonly sandboxId: string; readonly signal: AbortSignal },
  ): Promise<Result<ObservedContainer, Fault>> {
    const request = { containerId: id };
    const answer = await channel.unary('RuntimeService/ContainerStatus', request, { reason: REASON, signal });
    if (!answer.ok) return answer;
    const { status } = answer.value;
    const decoded = status === null ? undefined : decodeContainerStatus(status, sandboxId);
    if (status === null || decoded === undefined) return err(notFound('container', id));
    const message = decoded.state === 'exited' ? await terminationMessage(status) : undefined;
    const container = message === undefined ? decoded : { ...decoded, message };
    containers.set(id, { state: status.state, detail: container });
    return ok(container);
  }

  return {
    observe,
    inspectSandbox,
    inspectContainer,
    podUidOf: (id) => containers.peek(id)?.podUid ?? sandboxes.peek(id)?.podUid,
  };
}

/** An object as seen, or undefined where it is gone. */
type Detail<T> = Result<T | undefined, Fault>;

function standIn<T>(fault: Fault, listed: T | undefined): Detail<T> {
  switch (fault.kind) {
    case 'notFound':
      return ok(undefined);
    case 'refused':
    case 'unimplemented':
      return ok(listed);
    default:
      return err(fault);
  }
}

async function allOrFault<T>(details: readonly Promise<Detail<T>>[]): Promise<Result<readonly T[], Fault>> {
  const seen: T[] = [];
  for (const detail of await Promise.all(details)) {
    if (!detail.ok) return detail;
    if (detail.value !== undefined) seen.push(detail.value);
  }
  return ok(seen);
}

function notFound(kind: 'sandbox' | 'container', id: string): Fault {
  return { kind: 'notFound', reason: REASON, message: `The runtime has no ${kind} "${id}" of a pod` };
}
