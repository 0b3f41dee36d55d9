// Writes every new event to the log, once, as a kubelet does.
import type { EventRecord } from '../core/eventRecord.ts';
import type { Logger } from '../telemetry/log.ts';

export function createEventLog(log: Logger): (events: readonly EventRecord[]) => void {
  let before: readonly EventRecord[] = [];
  return (events) => {
    if (events === before) return;
    const known = new Set(before);
    before = events;
    for (const event of events) {
      if (known.has(event)) continue;
      const { type, reason, message, key, fieldPath, count } = event;
      log.info({ type, reason, pod: key, fieldPath, count, message }, 'Event occurred');
    }
  };
}
