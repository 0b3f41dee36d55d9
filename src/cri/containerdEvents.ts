// Which of containerd's own events are about a pod's container or sandbox. Pure. Events of all namespaces and of
// processes started by exec come through the same stream; only the end of a first process counts.
import type { ReadEnvelope } from './messages.ts';

/** The namespace in which containerd's CRI keeps everything. */
export const CRI_NAMESPACE = 'k8s.io';

/** Quotes are needed: an unquoted slash does not parse. */
export const CONTAINERD_EVENT_FILTERS = ['/tasks/exit', '/tasks/oom', '/containers/delete'].map(
  (topic) => `topic=="${topic}",namespace=="${CRI_NAMESPACE}"`,
);

/** @returns the id of the container or sandbox to look at, undefined where the event is about something else */
export function containerOfEvent({ namespace, topic, event }: ReadEnvelope): string | undefined {
  if (namespace !== CRI_NAMESPACE || event === null || event.value === null) return undefined;
  const { containerId, id } = event.value;
  switch (topic) {
    case '/tasks/exit':
      return containerId === id ? containerId : undefined;
    case '/tasks/oom':
    case '/containers/delete':
      // A deleted container has its id where a task has its container's.
      return containerId || undefined;
    default:
      return undefined;
  }
}
