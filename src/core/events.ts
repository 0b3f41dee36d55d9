// Events: Kubernetes-style records for people, kept in a bounded ring. Repeats are counted, not repeated.
import type { Instant } from '../api/time.ts';
import type { PodRecord, World } from './world.ts';

export interface EventRecord {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** "namespace/name" and uid; absent for the node. */
  readonly key?: string;
  readonly podUid?: string;
  /** "spec.containers{web}" when it is about one container. */
  readonly fieldPath?: string;
  readonly count: number;
  readonly first: Instant;
  readonly last: Instant;
}

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
