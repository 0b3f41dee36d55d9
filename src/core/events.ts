// Events: Kubernetes-style records for people, kept in a bounded ring. Repeats are counted, not repeated.
import type { EventRecord } from './eventRecord.ts';
import type { PodRecord, World } from './world.ts';

export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly container?: string;
}

export function announce(world: World, record: PodRecord, announcement: Announcement): World {
  const { container, ...said } = announcement;
  const fieldPath = container === undefined ? {} : { fieldPath: containerFieldPath(record, container) };
  return recorded(world, { ...said, key: record.key, podUid: record.uid, ...fieldPath });
}

/** An event about the node itself. */
export function announceNode(world: World, announcement: Omit<Announcement, 'container'>): World {
  return recorded(world, announcement);
}

type Said = Omit<EventRecord, 'count' | 'first' | 'last'>;

function recorded(world: World, said: Said): World {
  const { podUid, reason, message, fieldPath } = said;
  const same = world.events.findLastIndex(
    (e) => e.podUid === podUid && e.reason === reason && e.message === message && e.fieldPath === fieldPath,
  );
  const before = world.events[same];
  const event: EventRecord = {
    ...said,
    count: (before?.count ?? 0) + 1,
    first: before?.first ?? world.now,
    last: world.now,
  };
  const others = before === undefined ? world.events : world.events.toSpliced(same, 1);
  return { ...world, events: [...others, event].slice(-world.settings.eventsMax) };
}

function containerFieldPath(record: PodRecord, container: string): string {
  const isInit = record.desired?.spec.initContainers?.some((c) => c.name === container) ?? false;
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`;
}
