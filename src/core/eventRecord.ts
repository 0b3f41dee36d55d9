// A Kubernetes-style record for people, as the world keeps it.
import type { Instant } from '../api/time.ts';

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
