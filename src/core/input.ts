// Everything that can change the world enters here, stamped with both clocks by the loop.
import type { ClaimFacts } from '../api/claim.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Fault } from '../api/fault.ts';
import type {
  LocalImage,
  Observation,
  ObservedContainer,
  ObservedSandbox,
  RuntimeStatus,
  RuntimeVersion,
} from '../api/observed.ts';
import type { ProbeVerdict } from '../api/probeVerdict.ts';
import type { PullProgress } from '../api/pullProgress.ts';
import type { Instant, MonoMs } from '../api/time.ts';
import type { Action, PullAction } from './action.ts';

export type Input = { readonly at: Instant } & (
  | SourceSnapshotInput
  /** The full set of ConfigMaps, Secrets and claims over all sources, as far as they have delivered. */
  | { readonly kind: 'objects'; readonly objects: readonly ObjectVersion[] }
  | { readonly kind: 'observed'; readonly startedAt: MonoMs; readonly observation: Observation }
  | { readonly kind: 'runtimeStatus'; readonly status: RuntimeStatus; readonly version: RuntimeVersion }
  /** The runtime can't be reached. */
  | { readonly kind: 'runtimeLost'; readonly fault: Fault }
  /** Pod uids that have a directory below the root directory, read once at start. */
  | { readonly kind: 'podDirectories'; readonly podUids: readonly string[] }
  | OutcomeInput
  /** What people should be told about the node itself. */
  | {
      readonly kind: 'nodeEvent';
      readonly type: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
    }
  /** How far a pull is that is under way. */
  | { readonly kind: 'pullProgress'; readonly action: PullAction; readonly progress: PullProgress }
  | { readonly kind: 'wake' }
  /** An operator's wish for pods by key ("namespace/name"). */
  | { readonly kind: 'request'; readonly verb: 'stop' | 'start' | 'restart'; readonly keys: readonly string[] }
  /** Stop every pod, as when `run PATH` is interrupted. */
  | { readonly kind: 'drain' }
);

/** The full set of pods that one source asks for. */
export interface SourceSnapshotInput {
  readonly kind: 'sourceSnapshot';
  readonly source: string;
  readonly pods: readonly DesiredPod[];
}

/** An object without its content: that never enters the world. */
export interface ObjectVersion {
  /** "ConfigMap/default/settings". */
  readonly key: string;
  readonly hash: string;
  readonly claim?: ClaimFacts;
}

export interface OutcomeInput {
  readonly kind: 'outcome';
  readonly action: Action;
  readonly result: ActionResult;
}

/** What an action taught. Facts are looked up after the effect, so they count as an observation of their own. */
export type ActionResult =
  | { readonly ok: true; readonly facts: Facts }
  | { readonly ok: false; readonly fault: Fault; readonly facts: Facts };

export interface Facts {
  readonly sandbox?: ObservedSandbox;
  readonly container?: ObservedContainer;
  /** `absent`: it was looked for and is not there. */
  readonly image?: LocalImage | 'absent';
  readonly verdict?: ProbeVerdict;
  /** Names of volumes whose files were written anew. */
  readonly rewritten?: readonly string[];
  /** Bytes on disk by the name of the volume; counting ends above a limit. */
  readonly usage?: { readonly [volume: string]: number };
  /** What people should be told about the pod, as Warning events. */
  readonly warnings?: readonly { readonly reason: string; readonly message: string }[];
  /** How long a pull took; absent when the image was there. */
  readonly pulledMs?: number;
  /** Highest restart number found in log directories, by container name. */
  readonly lastAttempts?: { readonly [container: string]: number };
}
