// When a `run --once` is over, and how it came out. Pure. A pod that restarts for ever is a service and passes when it is
// ready; one that does not is a job and passes when it has succeeded.
import type { ContainerStatus, Pod } from '../../api/kubernetes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { podKey, selectPods } from '../../server/selectPods.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { containerNames, defaultContainer } from '../logs/targets.ts';

export type PodVerdict = 'passed' | 'failed' | 'open';

/** Reasons to wait that no waiting changes: the manifest has to be another. */
const HOPELESS = ['ErrImageNeverPull', 'InvalidImageName'];

/** A container that nobody asks counts as ready from its start, also one that is about to crash: it has to last so long. */
const SETTLE_MS = 3_000;

/** @param now milliseconds since the Unix epoch */
export function judgePod(pod: Pod, now: number): PodVerdict {
  const { phase, conditions = [] } = pod.status ?? {};
  if (phase === 'Succeeded') return 'passed';
  if (phase === 'Failed' || statuses(pod).some(({ state }) => HOPELESS.includes(state?.waiting?.reason ?? '')))
    return 'failed';
  if (!isService(pod)) return 'open';
  const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReady && pod.metadata?.deletionTimestamp === undefined && isSettled(pod, now) ? 'passed' : 'open';
}

function isSettled(pod: Pod, now: number): boolean {
  return (pod.spec?.containers ?? []).every(({ name, readinessProbe }) => {
    const started = pod.status?.containerStatuses?.find((status) => status.name === name)?.state?.running?.startedAt;
    return readinessProbe !== undefined || started === undefined || now - Date.parse(started) >= SETTLE_MS;
  });
}

export function isService(pod: Pod): boolean {
  return (pod.spec?.restartPolicy ?? 'Always') === 'Always';
}

/** The container whose exit code is to be ours. */
export interface CodeSource {
  readonly key: string;
  readonly container: string;
}

/** Of "pod", "pod/container" or "namespace/pod/container", among the pods that the manifests give. */
export function findCodeSource(text: string, snapshot: RunnerSnapshot): Result<CodeSource, Failure> {
  const parts = text.split('/');
  const attempts =
    parts.length === 1
      ? [{ name: text, container: undefined }]
      : [{ name: parts.slice(0, -1).join('/'), container: parts.at(-1) }];
  for (const { name, container } of attempts) {
    const found = selectPods(snapshot.pods, { names: [name], nodeName: snapshot.node.name });
    if (!found.ok) return err({ exitCode: EXIT.usage, message: `--exit-code-from ${text}: ${found.error}` });
    const [pod] = found.value;
    if (pod === undefined) continue;
    const names = containerNames(pod);
    const chosen = container ?? defaultContainer(pod);
    if (names.includes(chosen)) return ok({ key: podKey(pod), container: chosen });
    const message = `--exit-code-from ${text}: pod "${pod.metadata?.name}" has no container "${chosen}", only ${names.join(', ')}`;
    return err({ exitCode: EXIT.usage, message });
  }
  return err({ exitCode: EXIT.usage, message: `--exit-code-from ${text}: there is no such pod` });
}

/** The code it ended with the first time; undefined while it has not. */
export function endedWith(pod: Pod | undefined, container: string): number | undefined {
  const status = pod === undefined ? undefined : statuses(pod).find(({ name }) => name === container);
  return (status?.state?.terminated ?? status?.lastState?.terminated)?.exitCode;
}

export type Outcome =
  | { readonly kind: 'open' }
  /** Manifests that were refused or could not be read, or none at all. */
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'wrong'; readonly failure: Failure }
  | { readonly kind: 'over'; readonly exitCode: number };

export interface Asked {
  /** Text of --exit-code-from. */
  readonly codeFrom?: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function outcomeOf(snapshot: RunnerSnapshot, { codeFrom, now }: Asked): Outcome {
  if (!snapshot.node.sourcesReady) return { kind: 'open' };
  const troubles = snapshot.troubles.filter(({ kind }) => kind !== 'ignored');
  if (troubles.length > 0) return { kind: 'invalid', message: 'Not every manifest is valid; nothing was waited for' };
  if (snapshot.pods.length === 0) return { kind: 'invalid', message: 'The manifests give no pod' };
  const verdicts = snapshot.pods.map((pod) => judgePod(pod, now));
  const hasFailed = verdicts.includes('failed');
  if (codeFrom !== undefined) {
    const source = findCodeSource(codeFrom, snapshot);
    if (!source.ok) return { kind: 'wrong', failure: source.error };
    const { key, container } = source.value;
    const code = endedWith(
      snapshot.pods.find((pod) => podKey(pod) === key),
      container,
    );
    if (code !== undefined) return { kind: 'over', exitCode: code === 0 && hasFailed ? EXIT.failed : code };
    return hasFailed ? { kind: 'over', exitCode: EXIT.failed } : { kind: 'open' };
  }
  if (hasFailed) return { kind: 'over', exitCode: EXIT.failed };
  return verdicts.includes('open') ? { kind: 'open' } : { kind: 'over', exitCode: EXIT.done };
}

function statuses(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}
