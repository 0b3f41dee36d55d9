// What people are told about the outcome of an action: events with the reasons and words of a kubelet. Pure.
import { formatGoDuration } from '../../api/duration.ts';
import type { Fault } from '../../api/fault.ts';
import type { ProbeVerdict } from '../../api/probeVerdict.ts';
import type { Action } from '../action.ts';
import type { Announcement } from '../events.ts';
import type { ActionResult, Facts } from '../input.ts';
import { evictionOf } from '../rules/localStorage.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;

/** @param waitedMs since a pull was asked for */
export function outcomeAnnouncements(action: Action, result: ActionResult, waitedMs: number): readonly Announcement[] {
  const warnings = warningsOf(action, result);
  if (!result.ok) return [...warnings, ...failureAnnouncements(action, result.fault)];
  if (action.kind === 'startContainer' || action.kind === 'startCreated') {
    const { container } = action;
    return [
      { type: 'Normal', reason: 'Created', message: `Created container: ${container}`, container },
      { type: 'Normal', reason: 'Started', message: `Started container ${container}`, container },
    ];
  }
  if (action.kind === 'inspectImage' && result.facts.image !== 'absent') return [present(action)];
  if (action.kind === 'signalContainer') {
    const { container, signal } = action;
    const message = `Sent ${signal} to container ${container}: files of its volumes have changed`;
    return [{ type: 'Normal', reason: 'ConfigChanged', message, container }];
  }
  if (action.kind === 'measureVolumes') {
    const eviction = evictionOf(action.pod, result.facts.usage ?? {});
    return eviction === undefined ? [] : [{ type: 'Warning', ...eviction }];
  }
  if (action.kind === 'resizePod')
    return [{ type: 'Normal', reason: 'ResizeCompleted', message: 'Pod resize completed' }];
  if (action.kind === 'probe') return probeAnnouncements(action, result.facts.verdict);
  if (action.kind === 'pullImage') return [...warnings, pulled(action, result.facts, waitedMs)];
  return warnings;
}

function warningsOf(action: Action, { facts: { warnings = [] } }: ActionResult): readonly Announcement[] {
  return warnings.map((warning) => ({ type: 'Warning', ...warning, ...about(action) }));
}

function probeAnnouncements(
  { type, container }: Of<'probe'>,
  verdict: ProbeVerdict | undefined,
): readonly Announcement[] {
  const word = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
  switch (verdict?.result) {
    case 'failure':
      return [{ type: 'Warning', reason: 'Unhealthy', message: `${word} probe failed: ${verdict.output}`, container }];
    case 'error': {
      const message = `${word} probe errored and resulted in unknown state: ${verdict.output}`;
      return [{ type: 'Warning', reason: 'Unhealthy', message, container }];
    }
    case 'warning':
      return [
        { type: 'Warning', reason: 'ProbeWarning', message: `${word} probe warning: ${verdict.output}`, container },
      ];
    default:
      return [];
  }
}

type ImageAction = Of<'inspectImage' | 'pullImage'>;

function present(action: ImageAction): Announcement {
  const message = `Container image "${action.image}" already present on machine`;
  return { type: 'Normal', reason: 'Pulled', message, ...about(action) };
}

/** An image that a volume shows is the pod's, not the container's. */
function about(action: Action): { readonly container?: string } {
  const isPods = !('container' in action) || ('volume' in action && action.volume !== undefined);
  return isPods ? {} : { container: action.container };
}

/** Another pod may have brought the image while this pull waited for its turn. */
function pulled(action: ImageAction, { image, pulledMs }: Facts, waitedMs: number): Announcement {
  if (pulledMs === undefined) return present(action);
  const bytes = image === undefined || image === 'absent' ? 0 : image.sizeBytes;
  const [own, all] = [pulledMs, Math.max(waitedMs, pulledMs)].map((ms) => formatGoDuration(Math.trunc(ms)));
  const took = `${own} (${all} including waiting)`;
  const message = `Successfully pulled image "${action.image}" in ${took}. Image size: ${bytes} bytes.`;
  return { type: 'Normal', reason: 'Pulled', message, ...about(action) };
}

function failureAnnouncements(action: Action, { reason, message, kind }: Fault): readonly Announcement[] {
  if (kind === 'cancelled') return [];
  const warn = (eventReason: string, text: string): Announcement => ({
    type: 'Warning',
    reason: eventReason,
    message: text,
    ...about(action),
  });
  switch (action.kind) {
    case 'createSandbox':
      return [warn('FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`)];
    case 'setUpPod':
    case 'refreshVolumes':
    case 'refreshHosts':
      return [warn(reason, message)];
    case 'inspectImage':
      return [
        warn(reason === 'ErrImageNeverPull' ? reason : 'InspectFailed', message),
        warn('Failed', `Error: ${reason}`),
      ];
    case 'pullImage':
      if (reason === 'InvalidImageName') return [warn('InspectFailed', message), warn('Failed', `Error: ${reason}`)];
      return [warn('Failed', `Failed to pull image "${action.image}": ${message}`), warn('Failed', `Error: ${reason}`)];
    case 'startContainer':
    case 'startCreated':
      return [warn('Failed', `Error: ${message}`)];
    case 'signalContainer':
      return [warn('FailedSignal', `Failed to send ${action.signal}: ${message}`)];
    case 'resizePod':
      return [warn('ResizeError', `Pod resize failed: ${message}`)];
    case 'postStart':
      return [warn('FailedPostStartHook', `PostStartHook failed: ${message}`)];
    case 'preStop':
      return [warn('FailedPreStopHook', `PreStopHook failed: ${message}`)];
    case 'stopContainer':
    case 'stopSandbox':
      return [warn('FailedKillPod', `error killing pod: ${message}`)];
    case 'removeContainer':
    case 'removeSandbox':
    case 'tearDownPod':
    case 'probe':
    case 'removeLogs':
      return [warn('FailedCleanUp', message)];
    case 'measureVolumes':
      return [];
  }
}
