// The one sentence that a person wants first: what this pod does, or why it does not run and when that may change. Pure;
// reads what the runner shows. From the most telling fact to the least.
import type { ContainerStateTerminated, ContainerStatus, Pod } from '../../api/kubernetes.ts';
import type { PodEvent, PodNote, ProbeNote, RunnerSnapshot } from '../../ports/runner.ts';
import { podKey } from '../../server/selectPods.ts';
import { displayPod } from '../../status/display.ts';
import { formatAge, formatSince } from '../output.ts';
import { noteOf } from './rows.ts';

interface View {
  readonly pod: Pod;
  readonly note: PodNote | undefined;
  readonly events: readonly PodEvent[];
  readonly node: RunnerSnapshot['node'];
  readonly now: number;
}

/** One sentence, without a period at its end; may hold what came from outside. */
export function why(pod: Pod, snapshot: RunnerSnapshot, now: number): string {
  const events = snapshot.events.filter((event) =>
    event.podUid === undefined ? event.pod === podKey(pod) : event.podUid === pod.metadata?.uid,
  );
  const view: View = { pod, note: noteOf(pod, snapshot), events, node: snapshot.node, now };
  return (
    stopped(view) ??
    ended(view) ??
    ending(view) ??
    troubled(view) ??
    unready(view) ??
    initializing(view) ??
    waiting(view) ??
    restarted(view) ??
    healthy(view)
  );
}

function stopped({ pod, note }: View): string | undefined {
  if (note?.stopped !== true) return undefined;
  const name = pod.metadata?.name ?? '';
  if (note.display !== 'Stopped') return `Stopping, because an operator asked for it`;
  return `Stopped by an operator: "solopod start ${name}" starts it again`;
}

function ended({ pod, now }: View): string | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase === 'Succeeded') return `Completed: every container has ended with exit code 0`;
  if (phase !== 'Failed') return undefined;
  const failed = statuses(pod).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const own = [reason, message].filter((part) => part !== undefined && part !== '').join(': ');
  if (own !== '') return `Failed: ${own}`;
  if (failed?.state?.terminated === undefined) return 'Failed';
  return `Failed: container "${failed.name}" ${howEnded(failed.state.terminated)} ${ago(failed.state.terminated.finishedAt, now)} and is not restarted`;
}

function ending({ pod, note }: View): string | undefined {
  if (note?.display !== 'Terminating') return undefined;
  const grace = pod.metadata?.deletionGracePeriodSeconds;
  const limit = grace === undefined ? '' : `; it has ${grace} s for that`;
  return `Terminating: ${note.waitingFor === undefined ? 'its containers are being stopped' : withoutReason(note.waitingFor)}${limit}`;
}

/** A container that waits because something went wrong. */
function troubled(view: View): string | undefined {
  const isBackingOff = view.note?.waitingFor?.startsWith('CrashLoopBackOff') === true;
  for (const status of statuses(view.pod)) {
    if (isBackingOff && (status.state?.terminated?.exitCode ?? 0) !== 0) return crashLoop(view, status);
    const { reason, message } = status.state?.waiting ?? {};
    if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') continue;
    if (reason === 'CrashLoopBackOff') return crashLoop(view, status);
    return `${what(reason, status)}: ${message ?? reason}${whenNext(view)}`;
  }
  return undefined;
}

function what(reason: string, { name, image }: ContainerStatus): string {
  if (
    /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable)$/.test(
      reason,
    )
  )
    return `The image "${image}" of container "${name}" is not to be had (${reason})`;
  return `Container "${name}" cannot be started (${reason})`;
}

function crashLoop(view: View, status: ContainerStatus): string {
  const last = newestEnd(status);
  const cause = killedByProbe(view, status) ?? (last === undefined ? 'it failed' : `it ${howEnded(last)}`);
  const left = view.note?.nextTryAt === undefined ? Number.NaN : Date.parse(view.note.nextTryAt) - view.now;
  const wait = left > 0 ? `Waiting ${formatAge(left)} before` : 'About to make';
  return `${wait} restart ${status.restartCount + 1} of container "${status.name}", because ${cause}`;
}

/** The probe that had the last instance stopped, if one had: its words are in the event. */
function killedByProbe({ events, pod }: View, status: ContainerStatus): string | undefined {
  const { name } = status;
  const about = events.filter(({ fieldPath }) => fieldPath?.endsWith(`{${name}}`) === true);
  const killing = about.findLast(
    ({ reason, message }) => reason === 'Killing' && /failed (liveness|startup) probe/.test(message),
  );
  const finished = Date.parse(newestEnd(status)?.finishedAt ?? '');
  if (killing === undefined || !(Math.abs(Date.parse(killing.lastTimestamp) - finished) < KILL_SPAN_MS))
    return undefined;
  const type = /failed (liveness|startup) probe/.exec(killing.message)?.[1] ?? '';
  const spec = pod.spec?.containers.find((one) => one.name === name);
  const probe = type === 'liveness' ? spec?.livenessProbe : spec?.startupProbe;
  const words = about.findLast(
    ({ reason, message }) => reason === 'Unhealthy' && message.toLowerCase().startsWith(`${type} probe failed`),
  );
  // It is stopped when the threshold is reached, and then not asked any more.
  const times = probe === undefined ? '' : ` ${countText(probe.failureThreshold ?? 3)}`;
  const output = words === undefined ? '' : `: ${words.message.replace(/^[A-Za-z]+ probe failed: ?/, '').trim()}`;
  return `the ${type} probe failed${times}${output}`;
}

function newestEnd({ state, lastState }: ContainerStatus): ContainerStateTerminated | undefined {
  return state?.terminated ?? lastState?.terminated;
}

/** Longest time between the decision to stop a container and its end that still belong together. */
const KILL_SPAN_MS = 10 * 60_000;

function countText(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** A container that runs and is not ready, or has not started to its own satisfaction. */
function unready({ pod, note, now }: View): string | undefined {
  for (const status of pod.status?.containerStatuses ?? []) {
    if (status.state?.running === undefined || status.ready) continue;
    const since = formatSince(status.state.running.startedAt, now);
    const probe = (type: ProbeNote['type']) =>
      note?.probes.find((one) => one.container === status.name && one.type === type);
    const startup = probe('startup');
    const spec = pod.spec?.containers.find(({ name }) => name === status.name);
    if (spec?.startupProbe !== undefined && startup?.result !== 'success' && status.started !== true)
      return `Container "${status.name}" runs since ${since}, but its startup probe has not succeeded yet${probeWords(startup)}`;
    if (spec?.readinessProbe !== undefined)
      return `Container "${status.name}" runs since ${since}, but is not ready${probeWords(probe('readiness'))}`;
  }
  return undefined;
}

function probeWords(probe: ProbeNote | undefined): string {
  if (probe === undefined) return ': its readiness was not asked for yet';
  if (probe.result === 'success' || probe.result === 'warning') return '';
  const count = probe.result === 'error' ? 'could not be asked' : `failed ${countText(probe.inARow)}`;
  return `: the ${probe.type} probe ${count}${probe.output === '' ? '' : `: ${probe.output.trim()}`}`;
}

function initializing(view: View): string | undefined {
  const { pod, now } = view;
  const specs = pod.spec?.initContainers ?? [];
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const { running, terminated } = status.state ?? {};
    const isSidecar = specs.find(({ name }) => name === status.name)?.restartPolicy === 'Always';
    const place = `Init container "${status.name}" (${index + 1} of ${specs.length})`;
    if (running !== undefined && (!isSidecar || status.started !== true))
      return `${place} runs since ${formatSince(running.startedAt, now)}; the next ones wait for it`;
    if (terminated !== undefined && terminated.exitCode !== 0)
      return `${place} ${howEnded(terminated)}${whenNext(view)}`;
  }
  return undefined;
}

function waiting(view: View): string | undefined {
  const { note, node, pod } = view;
  const isUp = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  if (isUp) return undefined;
  if (!node.runtimeReady) return `The container runtime is not ready: ${node.message ?? 'it does not answer'}`;
  if (!node.networkReady) return `The pod network is not ready: ${node.message ?? 'the runtime does not say why'}`;
  if (note?.waitingFor !== undefined) return `Waiting: ${withoutReason(note.waitingFor)}${whenNext(view)}`;
  const creating = statuses(pod)
    .filter(({ state }) => state?.waiting !== undefined)
    .map(({ name }) => `"${name}"`);
  return creating.length === 0 ? undefined : `Starting: container ${creating.join(', ')} is being made`;
}

/** A restart that is no longer ago than this belongs to how the pod does now. */
const LATELY_MS = 10 * 60_000;

/** It runs, but was restarted after a failure not long ago. */
function restarted(view: View): string | undefined {
  for (const status of view.pod.status?.containerStatuses ?? []) {
    const last = status.lastState?.terminated;
    if (status.state?.running === undefined || last === undefined || last.exitCode === 0) continue;
    if (!(view.now - Date.parse(last.finishedAt ?? '') < LATELY_MS)) continue;
    const cause = killedByProbe(view, status) ?? `it ${howEnded(last)}`;
    const times = countText(status.restartCount);
    return `Running, but container "${status.name}" was restarted ${times}, last ${ago(last.finishedAt, view.now)}, because ${cause}`;
  }
  return undefined;
}

function healthy({ pod, note, now }: View): string {
  const { ready, total, status } = displayPod(pod);
  if (ready === total && total > 0) {
    const condition = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    return `Running: every container is ready${condition === undefined ? '' : ` since ${formatSince(condition.lastTransitionTime, now)}`}`;
  }
  return `${note?.display ?? status}: ${ready} of ${total} containers are ready`;
}

function whenNext({ note, now }: View): string {
  const left = note?.nextTryAt === undefined ? Number.NaN : Date.parse(note.nextTryAt) - now;
  return left > 0 ? `; next try in ${formatAge(left)}` : '';
}

export function howEnded({ exitCode, reason, signal }: ContainerStateTerminated): string {
  if (reason === 'OOMKilled') return 'used more memory than its limit and was killed (OOMKilled)';
  if (signal !== undefined && signal !== 0) return `was ended by signal ${signal}`;
  const word = reason === undefined || reason === '' || reason === 'Error' ? '' : ` (${reason})`;
  return `ended with exit code ${exitCode}${word}`;
}

function ago(time: string | undefined, now: number): string {
  return time === undefined ? '' : `${formatSince(time, now)} ago`;
}

function withoutReason(text: string): string {
  return text.replace(/^[A-Za-z]+: /, '');
}

function statuses(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}
