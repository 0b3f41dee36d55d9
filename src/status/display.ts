// The READY, STATUS and RESTARTS columns for one pod, in the words that `kubectl get pods` uses. Pure.
// Rule: Kubernetes' pod printer. It reads nothing but the Pod; what a standalone pod cannot say about itself
// (an operator stopped it, it is ending) is passed in, since no API server sets a deletionTimestamp here.
import { isSidecar } from '../api/desiredPod.ts';
import type { ContainerState, ContainerStateTerminated, ContainerStatus, Pod } from '../api/kubernetes.ts';

export interface PodDisplay {
  /** Running, Completed, CrashLoopBackOff, Init:0/1, Terminating, Stopped, … */
  readonly status: string;
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  /** RFC 3339 end of the newest instance that was restarted; absent when none was. */
  readonly lastRestart?: string;
}

/** What the runner knows of a pod beyond its object. */
export interface Intent {
  /** Its containers are being stopped. */
  readonly terminating?: boolean;
  /** An operator stopped it, and it is down. */
  readonly stopped?: boolean;
}

const EVICTED = 'Evicted';

export function displayPod(pod: Pod, intent: Intent = {}): PodDisplay {
  const containers = pod.spec?.containers ?? [];
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar);
  const init = displayInit(pod);
  const app = displayApp(pod);
  const initializing = init.word !== undefined && !isTrue(pod, 'Initialized');
  const word = (initializing ? undefined : app.word) ?? init.word ?? pod.status?.reason ?? pod.status?.phase;
  const counted = initializing
    ? (pod.status?.initContainerStatuses ?? [])
    : [...sidecarStatuses(pod), ...appStatuses(pod)];
  const lastRestart = newestEnd(counted);
  return {
    status: withIntent(pod, intent) ?? evicted(pod) ?? word ?? 'Unknown',
    ready: init.readySidecars + (initializing ? 0 : app.ready),
    total: containers.length + sidecars.length,
    restarts: counted.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(lastRestart === undefined ? {} : { lastRestart }),
  };
}

/** How its containers ended is of no interest: that the node ended it is. */
function evicted({ status }: Pod): string | undefined {
  return status?.phase === 'Failed' && status.reason === EVICTED ? EVICTED : undefined;
}

function withIntent(pod: Pod, intent: Intent): string | undefined {
  if (intent.stopped === true) return 'Stopped';
  const ending = intent.terminating === true || pod.metadata?.deletionTimestamp !== undefined;
  return ending && !hasEnded(pod) ? 'Terminating' : undefined;
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

interface InitDisplay {
  /** Absent once every init container is done or, for a sidecar, started. */
  readonly word?: string;
  readonly readySidecars: number;
}

/** Init containers run one after the other: the first that is not done gives the word. */
function displayInit(pod: Pod): InitDisplay {
  const specs = pod.spec?.initContainers ?? [];
  let readySidecars = 0;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = specs.some((spec) => spec.name === status.name && isSidecar(spec));
    if (status.state?.terminated?.exitCode === 0) continue;
    if (!sidecar || status.started !== true) {
      return { word: initWord(status.state) ?? `Init:${index}/${specs.length}`, readySidecars };
    }
    if (status.ready) readySidecars += 1;
  }
  return { readySidecars };
}

function initWord(state: ContainerState | undefined): string | undefined {
  if (state?.terminated !== undefined) return `Init:${terminatedWord(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  return waiting === undefined || waiting === '' || waiting === 'PodInitializing' ? undefined : `Init:${waiting}`;
}

interface AppDisplay {
  /** Absent when no container has anything to say but "running". */
  readonly word?: string;
  readonly ready: number;
}

/** Of several containers with something to say, the first in the list of statuses wins. */
function displayApp(pod: Pod): AppDisplay {
  const statuses = appStatuses(pod);
  const words = statuses.map((status) => appWord(status.state)).filter((word) => word !== undefined);
  const ready = statuses.filter((status) => status.ready && status.state?.running !== undefined).length;
  const word = words[0];
  if (word === undefined) return { ready };
  if (word === 'Completed' && ready > 0) return { word: isTrue(pod, 'Ready') ? 'Running' : 'NotReady', ready };
  return { word, ready };
}

function appWord(state: ContainerState | undefined): string | undefined {
  if (state?.waiting?.reason !== undefined && state.waiting.reason !== '') return state.waiting.reason;
  return state?.terminated === undefined ? undefined : terminatedWord(state.terminated);
}

function terminatedWord({ reason, signal, exitCode }: ContainerStateTerminated): string {
  if (reason !== undefined && reason !== '') return reason;
  return signal === undefined || signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}

function appStatuses(pod: Pod): readonly ContainerStatus[] {
  return pod.status?.containerStatuses ?? [];
}

function sidecarStatuses(pod: Pod): readonly ContainerStatus[] {
  const names = (pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  return (pod.status?.initContainerStatuses ?? []).filter(({ name }) => names.includes(name));
}

function newestEnd(statuses: readonly ContainerStatus[]): string | undefined {
  const ends = statuses.flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? []);
  return ends.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

function isTrue(pod: Pod, condition: string): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === condition && status === 'True') ?? false;
}
