// The path that asks the local API for one container's log. Pure.
import type { Pod } from '../../api/kubernetes.ts';
import { podNamespace } from '../../server/selectPods.ts';

export interface LogWishes {
  readonly tailLines?: number;
  /** Milliseconds since the Unix epoch. */
  readonly since?: number;
  readonly until?: number;
  readonly limitBytes?: number;
  readonly timestamps: boolean;
}

export interface LogAsked extends LogWishes {
  readonly follow: boolean;
  readonly previous: boolean;
}

export function logPath(pod: Pod, container: string, asked: LogAsked): string {
  const query = new URLSearchParams();
  const { tailLines, since, until, limitBytes } = asked;
  if (tailLines !== undefined) query.set('tailLines', String(tailLines));
  if (since !== undefined) query.set('sinceTime', new Date(since).toISOString());
  if (until !== undefined) query.set('untilTime', new Date(until).toISOString());
  if (limitBytes !== undefined) query.set('limitBytes', String(limitBytes));
  for (const flag of ['timestamps', 'follow', 'previous'] as const) if (asked[flag]) query.set(flag, 'true');
  const place = [podNamespace(pod), pod.metadata?.name ?? '', container].map(encodeURIComponent).join('/');
  return `/containerLogs/${place}?${query}`;
}
