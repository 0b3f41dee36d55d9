// Word from the runtime that something has changed. CRI container events where they are served, else containerd's own
// event service on the same socket, else nothing: then the caller has to look by itself. Events are hints to look, never
// facts: they are lost while the connection is down, so every (re)subscription asks for a look at everything.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../api/fault.ts';
import { OWNER_ANNOTATION } from '../api/node.ts';
import { CONTAINERD_EVENT_FILTERS, containerOfEvent } from './containerdEvents.ts';
import type { RuntimeContext } from './context.ts';
import { POD_UID_LABEL } from './encode/labels.ts';
import type { ReadContainerEvent } from './messages.ts';
import { createSettler, type Sighting } from './settle.ts';

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 1000;
const PROBE_DEADLINE_MS = 10_000;
/** So many refusals on end, over some two seconds, are no longer a runtime that is starting. */
const REFUSALS_MAX = 5;
/** A stream that stood for this long was served, whatever it ended with. */
const SERVED_MS = 5_000;
const REASON = 'RuntimeEvents';

export type Changed = (podUid: string | undefined) => void;

type Watch = Pick<RuntimeContext, 'channel' | 'observer' | 'owner'>;

/** How one attempt to listen went. A runtime that is still starting refuses, and so does one that has events switched off. */
type Listened = { readonly outcome: 'unserved' | 'refused' | 'ended'; readonly subscribed: boolean };

/**
 * Calls `changed` until the signal aborts, reconnecting by itself.
 *
 * @returns false where the runtime serves no events, true once the signal has aborted
 */
export async function watchRuntime(watch: Watch, changed: Changed, signal: AbortSignal): Promise<boolean> {
  let retryMs = RETRY_MS_MIN;
  let refusals = 0;
  while (!signal.aborted) {
    const cri = await listenToCri(watch, changed, signal);
    const last = cri.outcome === 'ended' ? cri : await listenToContainerd(watch, changed, signal);
    if (cri.outcome === 'unserved' && last.outcome === 'unserved') return false;
    refusals = last.outcome === 'ended' ? 0 : refusals + 1;
    if (refusals >= REFUSALS_MAX) return false;
    retryMs = last.outcome === 'ended' && last.subscribed ? RETRY_MS_MIN : Math.min(retryMs * 2, RETRY_MS_MAX);
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return true;
}

function listenToCri(watch: Watch, changed: Changed, signal: AbortSignal): Promise<Listened> {
  return listen(watch, changed, {
    signal,
    open: (attempt) =>
      watch.channel.serverStream(
        'RuntimeService/GetContainerEvents',
        {},
        { signal: attempt, onMessage: (event) => announceCriEvent(event, { watch, changed }) },
      ),
  });
}

function announceCriEvent(
  { containerId, podSandboxStatus }: ReadContainerEvent,
  { watch, changed }: { readonly watch: Watch; readonly changed: Changed },
): void {
  if (podSandboxStatus === null) {
    changed(watch.observer.podUidOf(containerId));
  } else if (podSandboxStatus.annotations[OWNER_ANNOTATION] === watch.owner) {
    changed(podSandboxStatus.labels[POD_UID_LABEL]);
  }
}

function listenToContainerd(watch: Watch, changed: Changed, signal: AbortSignal): Promise<Listened> {
  const settler = createSettler((id, until) => lookAt(watch, id, until), changed, signal);
  return listen(watch, changed, {
    signal,
    open: (attempt) =>
      watch.channel.serverStream(
        'Events/Subscribe',
        { filters: CONTAINERD_EVENT_FILTERS },
        {
          signal: attempt,
          onMessage: (envelope) => {
            const id = containerOfEvent(envelope);
            if (id !== undefined) settler.settle(id);
          },
        },
      ),
  });
}

/** A stream sends nothing until the first event, so an answered call after it is what says that it stands. */
async function listen(
  { channel }: Watch,
  changed: Changed,
  { signal, open }: { readonly signal: AbortSignal; readonly open: (attempt: AbortSignal) => Promise<Fault> },
): Promise<Listened> {
  const openedAt = performance.now();
  const attempt = new AbortController();
  const either = AbortSignal.any([signal, attempt.signal]);
  const ended = open(either);
  const options = { reason: REASON, signal: either, deadlineMs: PROBE_DEADLINE_MS };
  const first = await Promise.race([
    ended.then(() => 'ended' as const),
    channel.unary('RuntimeService/Version', { version: '' }, options).then(({ ok }) => (ok ? 'answered' : 'failed')),
  ]);
  if (first === 'answered') changed(undefined);
  if (first === 'failed') attempt.abort();
  const fault = await ended;
  attempt.abort();
  const wasServed = performance.now() - openedAt >= SERVED_MS;
  return { outcome: wasServed ? 'ended' : outcomeOf(fault), subscribed: first === 'answered' };
}

function outcomeOf({ kind }: Fault): Listened['outcome'] {
  return kind === 'unimplemented' ? 'unserved' : kind === 'refused' ? 'refused' : 'ended';
}

/** Asks about a container first; it is a sandbox when no container has that id. */
async function lookAt({ channel, observer, owner }: Watch, id: string, signal: AbortSignal): Promise<Sighting> {
  const options = { reason: REASON, signal };
  const container = await channel.unary('RuntimeService/ContainerStatus', { containerId: id }, options);
  if (container.ok && container.value.status !== null) {
    const { status } = container.value;
    return sighting(status, { owner, alive: status.state === 'CONTAINER_RUNNING' });
  }
  const sandbox = await channel.unary('RuntimeService/PodSandboxStatus', { podSandboxId: id }, options);
  if (sandbox.ok && sandbox.value.status !== null) {
    const { status } = sandbox.value;
    return sighting(status, { owner, alive: status.state === 'SANDBOX_READY' });
  }
  const podUid = observer.podUidOf(id);
  return podUid === undefined ? { ours: false } : { ours: true, podUid, alive: false };
}

type Entries = { readonly [key: string]: string };

function sighting(
  { labels, annotations }: { readonly labels: Entries; readonly annotations: Entries },
  { owner, alive }: { readonly owner: string; readonly alive: boolean },
): Sighting {
  const podUid = labels[POD_UID_LABEL];
  if (annotations[OWNER_ANNOTATION] !== owner || !podUid) return { ours: false };
  return { ours: true, podUid, alive };
}
