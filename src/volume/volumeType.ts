// What one kind of volume must do. Tear-down is the same for all (volumes.ts): unmount, then remove the directory.
import type { FindClaim } from '../api/claim.ts';
import type { FindObject } from '../api/dataObject.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Volume } from '../api/kubernetes.ts';
import type { NodeFacts } from '../api/node.ts';
import type { Instant } from '../api/time.ts';
import type { PreparedVolume } from '../ports/volumes.ts';

export interface VolumeContext {
  readonly pod: DesiredPod;
  readonly volume: Volume;
  readonly podDir: string;
  readonly node: NodeFacts;
  readonly now: () => Instant;
  /** Real path. */
  readonly rootDir: string;
  readonly find: FindObject;
  readonly findClaim: FindClaim;
  readonly signal: AbortSignal;
}

export interface VolumeType {
  /**
   * Makes the volume, or finds it in place and leaves it alone; what a pod no longer says is brought up to date where
   * the kind refreshes. Idempotent at every point of a crash.
   *
   * @throws VolumeError for what the manifest or the machine makes impossible, the system's error otherwise
   */
  readonly setUp: (context: VolumeContext) => Promise<PreparedVolume>;
  /** Its content follows other objects or the pod itself while the pod runs: it is set up again when those change. */
  readonly refreshes: boolean;
}

/** A volume can't be made; the message is for people. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}
