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
  const { type, reason, message, container } = announcement;
  const fieldPath = container === undefined ? undefined : containerFieldPath(record, container);
  const same = world.events.findLastIndex(
    (e) => e.podUid === record.uid && e.reason === reason && e.message === message && e.fieldPath === fieldPath,
  );
  const before = world.events[same];
  const event: EventRecord = {
    type,
    reason,
    message,
    key: record.key,
    podUid: record.uid,
    ...(fieldPath === undefined ? {} : { fieldPath }),
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
