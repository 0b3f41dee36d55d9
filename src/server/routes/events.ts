// /events: what happened to pods and node, as a v1 EventList, oldest first.
import type { PodEvent } from '../../ports/runner.ts';
import { sendJson } from '../respond.ts';
import type { Route } from '../route.ts';

export const eventsRoute: Route = {
  method: 'GET',
  path: '/events',
  handle: ({ runner, response }) => {
    const { events, node } = runner.snapshot();
    sendJson(response, 200, eventList(events, node.name));
  },
};

export interface EventList {
  readonly kind: 'EventList';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly [key: string]: never };
  readonly items: readonly object[];
}

export function eventList(events: readonly PodEvent[], nodeName: string): EventList {
  const items = events.map((event, index) => eventObject(event, { nodeName, index }));
  return { kind: 'EventList', apiVersion: 'v1', metadata: {}, items };
}

function eventObject(event: PodEvent, place: { readonly nodeName: string; readonly index: number }): object {
  const involvedObject = involved(event, place.nodeName);
  return {
    metadata: {
      name: `${involvedObject.name}.${place.index}`,
      namespace: involvedObject.namespace ?? 'default',
      creationTimestamp: event.firstTimestamp,
    },
    involvedObject,
    reason: event.reason,
    message: event.message,
    source: { component: 'solopod', host: place.nodeName },
    firstTimestamp: event.firstTimestamp,
    lastTimestamp: event.lastTimestamp,
    count: event.count,
    type: event.type,
  };
}

interface ObjectReference {
  readonly kind: 'Pod' | 'Node';
  readonly apiVersion: 'v1';
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly fieldPath?: string;
}

function involved(event: PodEvent, nodeName: string): ObjectReference {
  if (event.pod === undefined) return { kind: 'Node', apiVersion: 'v1', name: nodeName, uid: nodeName };
  const slash = event.pod.indexOf('/');
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    namespace: event.pod.slice(0, slash),
    name: event.pod.slice(slash + 1),
    ...(event.podUid === undefined ? {} : { uid: event.podUid }),
    ...(event.fieldPath === undefined ? {} : { fieldPath: event.fieldPath }),
  };
}
