// Names of container log files and of the links that log shippers follow. Pure.
// Rule: the kubelet's layout, https://kubernetes.io/docs/concepts/cluster-administration/logging/
import { basename, join } from 'node:path';
import { isPathComponent } from '../api/pathComponent.ts';
import { err, ok, type Result } from '../lib/result.ts';

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What fits in a file name, less ".log". */
const LINK_NAME_BYTES_MAX = 251;

/** "<ns>_<name>_<uid>": "_" is in no Kubernetes name, so no pod can take another's directory. */
export function podLogsName(pod: PodIdentity): Result<string, string> {
  const name = `${pod.namespace}_${pod.name}_${pod.uid}`;
  const separators = name.split('_').length - 1;
  if (isPathComponent(name) && separators === 2) return ok(name);
  return err(`"${pod.namespace}/${pod.name}" with uid "${pod.uid}" can't name a log directory`);
}

/** Name of the link for one container instance; a name that is too long loses the end of the id. */
export function linkName(pod: PodIdentity, containerName: string, containerId: string): Result<string, string> {
  const full = `${pod.name}_${pod.namespace}_${containerName}-${containerId}`.slice(0, LINK_NAME_BYTES_MAX);
  const name = `${full}.log`;
  return isPathComponent(name) ? ok(name) : err(`container "${containerName}" can't name a log link`);
}

/** Restart number of a log file "<n>.log" or of one that was rotated ("<n>.log.20260131-120000"). */
export function attemptOf(fileName: string): number | undefined {
  const digits = /^([0-9]{1,9})\.log(\.|$)/.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** True for the log file itself and for what rotation made of it. */
export function isLogFileOf(fileName: string, logPath: string): boolean {
  const name = basename(logPath);
  return fileName === name || fileName.startsWith(`${name}.`);
}

/** The three parts of <podLogsDir>/<pod>/<container>/<n>.log; an error for a path that is anything else. */
export function splitLogPath(
  podLogsDir: string,
  logPath: string,
): Result<{ readonly pod: string; readonly container: string; readonly file: string }, string> {
  const inside = logPath.startsWith(`${podLogsDir}/`) ? logPath.slice(podLogsDir.length + 1).split('/') : [];
  const [pod, container, file] = inside;
  if (inside.length === 3 && pod !== undefined && container !== undefined && file !== undefined) {
    if (inside.every(isPathComponent) && join(podLogsDir, ...inside) === logPath) return ok({ pod, container, file });
  }
  return err(`log path ${JSON.stringify(logPath)} is not below ${podLogsDir}`);
}
