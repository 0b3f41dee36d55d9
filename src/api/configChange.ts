// What happens to a pod when a ConfigMap or Secret that it uses changes. Pure. Kubernetes leaves such pods alone, and so
// does this program unless the pod's annotation says otherwise.
import { err, ok, type Result } from '../lib/result.ts';
import type { DesiredPod } from './desiredPod.ts';

export const ON_CONFIG_CHANGE_ANNOTATION = 'solopod.dev/on-config-change';

/** On the sandbox of a pod that restarts: which versions of the objects it was made for. */
export const CONFIG_VERSION_ANNOTATION = 'solopod.dev/config-version';

/**
 * none: as in Kubernetes. restart: the whole pod, by its grace period, once everything it requires is there. signal:
 * the containers that mount the changed files, once those are in place; variables stay as they are.
 */
export interface ConfigChange {
  readonly kind: 'none' | 'restart' | 'signal';
  readonly signal?: ConfigSignal;
}

/** Signals that a program can take for "read your configuration again". */
const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGTERM',
  'SIGCONT',
  'SIGURG',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
] as const;
export type ConfigSignal = (typeof SIGNALS)[number];

const PREFIX = 'signal=';

/** @returns an error that lists what is allowed */
export function parseConfigChange(value: string): Result<ConfigChange, string> {
  if (value === 'none' || value === 'restart') return ok({ kind: value });
  const signal = SIGNALS.find((known) => value === `${PREFIX}${known}`);
  if (signal !== undefined) return ok({ kind: 'signal', signal });
  if (!value.startsWith(PREFIX)) return err('must be "none", "restart" or "signal=<signal>", such as "signal=SIGHUP"');
  return err(`must name one of the signals ${SIGNALS.join(', ')}`);
}

/** @param pod valid */
export function configChangeOf(pod: DesiredPod): ConfigChange {
  const parsed = parseConfigChange(pod.metadata.annotations[ON_CONFIG_CHANGE_ANNOTATION] ?? 'none');
  return parsed.ok ? parsed.value : { kind: 'none' };
}

export function restartsOnConfigChange(pod: DesiredPod): boolean {
  return configChangeOf(pod).kind === 'restart';
}
