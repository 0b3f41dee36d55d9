// What the executor needs to ask a container how it is, and to run a lifecycle hook in or against it.
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import type { LifecycleHandler, Probe } from '../api/kubernetes.ts';
import type { ProbeVerdict } from '../api/probeVerdict.ts';

export type { ProbeVerdict };

export interface ProbeTarget {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly containerId: string;
  /** Primary pod address; undefined on the host's network. */
  readonly podIP?: string;
}

export interface ProbesPort {
  run(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeVerdict>;
  /** Runs a postStart or preStop handler; undefined when it went well, else what went wrong. */
  runHook(handler: LifecycleHandler, target: ProbeTarget, signal: AbortSignal): Promise<string | undefined>;
}
