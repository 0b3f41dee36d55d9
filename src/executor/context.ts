// What every handler is given: the node, the ports, and what the set-up of a pod left for its starts.
import type { IdRange } from '../api/idRange.ts';
import type { NodeFacts } from '../api/node.ts';
import type { PullProgress } from '../api/pullProgress.ts';
import type { Instant } from '../api/time.ts';
import type { PullAction } from '../core/action.ts';
import type { CredentialsPort } from '../ports/credentials.ts';
import type { ObjectsPort } from '../ports/objects.ts';
import type { ProbesPort } from '../ports/probes.ts';
import type { ImagesPort, RuntimePort } from '../ports/runtime.ts';
import type { UserNamespacesPort } from '../ports/userNamespaces.ts';
import type { CgroupsPort, LogsPort, PreparedVolumes, VolumesPort } from '../ports/volumes.ts';

export interface ExecutorPorts {
  readonly node: NodeFacts;
  readonly runtime: RuntimePort & ImagesPort;
  readonly objects: ObjectsPort;
  readonly credentials: CredentialsPort;
  readonly volumes: VolumesPort;
  readonly cgroups: CgroupsPort;
  readonly userNamespaces: UserNamespacesPort;
  readonly logs: LogsPort;
  readonly probes: ProbesPort;
  readonly now: () => Instant;
  /** Told how far a pull is. */
  readonly pulling: (action: PullAction, progress: PullProgress) => void;
}

/** What setUpPod prepared, for the starts that follow; by pod uid. Rebuilt by setUpPod after a restart. */
export type PodSetUps = Map<
  string,
  { readonly volumes: PreparedVolumes; readonly cgroupParent: string; readonly idRange?: IdRange }
>;

export interface HandlerContext extends ExecutorPorts {
  readonly setUps: PodSetUps;
}
