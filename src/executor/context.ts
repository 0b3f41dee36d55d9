// What every handler is given: the node, the ports, and what the set-up of a pod left for its starts.
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import type { IdRange } from '../api/idRange.ts';
import type { NodeFacts } from '../api/node.ts';
import { containerNamed } from '../api/podContainers.ts';
import type { PullProgress } from '../api/pullProgress.ts';
import type { Instant } from '../api/time.ts';
import type { PullAction } from '../core/action.ts';
import { Bug } from '../lib/assert.ts';
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

/** @throws Bug for a container that the pod of an action does not have */
export function containerOf(pod: DesiredPod, name: string): DesiredContainer {
  const container = containerNamed(pod.spec, name);
  if (container === undefined) throw new Bug(`Pod ${pod.key} has no container ${name}`);
  return container;
}
