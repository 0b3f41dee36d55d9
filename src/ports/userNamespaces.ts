// Ranges of user ids on this machine for pods that have users of their own. Implemented by platform/.
import type { Fault } from '../api/fault.ts';
import type { IdRange } from '../api/idRange.ts';
import type { Result } from '../lib/result.ts';

export interface UserNamespacesPort {
  /**
   * The pod's range: the one it has, or one that no other pod of this root directory has. The pod's directory must be
   * there; the range is free again when that is gone. Idempotent. Fault reason: FailedCreatePodSandBox.
   */
  allocate(podUid: string, signal: AbortSignal): Promise<Result<IdRange, Fault>>;
}
