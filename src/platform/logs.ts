// Log directories of pods and the links that log shippers follow. The runtime writes the log files; this makes room for
// them and removes them. A name or a link that leads out of these directories is refused or left alone, and removal
// goes through open directories of a known depth, so it can't be led away while it runs.
import { constants } from 'node:fs';
import { mkdir, open, readdir, readlink, rmdir, stat, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../api/fault.ts';
import { isPathComponent } from '../api/pathComponent.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { LogsPort } from '../ports/volumes.ts';
import { descriptorPath, withDirectory } from './logDirectory.ts';
import { attemptOf, isLogFileOf, linkName, type PodIdentity, podLogsName, splitLogPath } from './podLogs.ts';
import { ignoreMissing, isSystemError } from './systemError.ts';

export interface LogsOptions {
  /** Absolute, normalised; usually /var/log/pods. */
  readonly podLogsDir: string;
  /** Default /var/log/containers. */
  readonly containerLogsDir?: string;
}

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const DIRECTORY_MODE = 0o755;

export function createLogs(options: LogsOptions): LogsPort {
  const { podLogsDir, containerLogsDir = '/var/log/containers' } = options;

  async function removeLink(name: Result<string, string>): Promise<void> {
    if (!name.ok) return;
    const path = join(containerLogsDir, name.value);
    if (await pointsInto(path, podLogsDir)) await ignoreMissing(unlink(path));
  }

  return {
    async prepare(pod, containerName, signal) {
      const podName = podLogsName(pod.metadata);
      if (!podName.ok) return err(logsFault(podName.error));
      if (!isPathComponent(containerName)) return err(logsFault(`"${containerName}" can't name a log directory`));
      const podDir = join(podLogsDir, podName.value);
      if (signal.aborted) return err({ ...logsFault('Log directory is not made: given up'), kind: 'cancelled' });
      try {
        await mkdir(podLogsDir, { recursive: true, mode: DIRECTORY_MODE });
        for (const path of [podDir, join(podDir, containerName)]) await ensureRealDirectory(path);
        return ok(undefined);
      } catch (cause) {
        if (!isSystemError(cause)) throw cause;
        return err(logsFault(`create container log directory for container ${containerName} failed: ${cause.message}`));
      }
    },

    async link(pod, containerName, containerId, logPath) {
      const name = linkName(pod.metadata, containerName, containerId);
      if (!name.ok || !splitLogPath(podLogsDir, logPath).ok) return;
      const exists = await ignoreSystemErrors(stat(logPath));
      if (exists === undefined) return;
      await removeLink(name);
      await ignoreSystemErrors(mkdir(containerLogsDir, { recursive: true, mode: DIRECTORY_MODE }));
      await ignoreSystemErrors(symlink(logPath, join(containerLogsDir, name.value)));
    },

    async removeContainer(logPath, containerId) {
      const parts = splitLogPath(podLogsDir, logPath);
      if (!parts.ok) return;
      const { pod, container } = parts.value;
      const [namespace = '', name = '', uid = ''] = pod.split('_');
      await ignoreSystemErrors(
        withDirectory([podLogsDir, pod, container], async (directory) => {
          const files = (await readdir(descriptorPath(directory))).filter((file) => isLogFileOf(file, logPath));
          for (const file of files) await ignoreMissing(unlink(`${descriptorPath(directory)}/${file}`));
        }),
      );
      await removeLink(linkName({ namespace, name, uid }, container, containerId));
    },

    async removeOlder(logPath) {
      const parts = splitLogPath(podLogsDir, logPath);
      if (!parts.ok) return;
      const { pod, container, file: kept } = parts.value;
      const [namespace = '', name = '', uid = ''] = pod.split('_');
      const number = attemptOf(kept) ?? 0;
      const path = join(podLogsDir, pod, container);
      await ignoreSystemErrors(
        withDirectory([podLogsDir, pod, container], async (directory) => {
          const files = await readdir(descriptorPath(directory));
          for (const file of files.filter((f) => (attemptOf(f) ?? number) < number)) {
            const links = { identity: { namespace, name, uid }, target: join(path, file) };
            await ignoreSystemErrors(removePodLinks(containerLogsDir, links));
            await ignoreMissing(unlink(`${descriptorPath(directory)}/${file}`));
          }
        }),
      );
    },

    async removePod(identity) {
      for (const known of await withUid(podLogsDir, identity)) {
        const name = podLogsName(known);
        if (!name.ok) continue;
        const podDir = join(podLogsDir, name.value);
        await ignoreSystemErrors(removePodDirectory(podLogsDir, name.value));
        await ignoreSystemErrors(removePodLinks(containerLogsDir, { identity: known, target: podDir }));
      }
    },

    async lastAttempt(pod, containerName) {
      const podName = podLogsName(pod.metadata);
      if (!podName.ok || !isPathComponent(containerName)) return undefined;
      const names = await ignoreSystemErrors(
        withDirectory([podLogsDir, podName.value, containerName], (directory) => readdir(descriptorPath(directory))),
      );
      const attempts = (names ?? []).flatMap((file) => attemptOf(file) ?? []);
      return attempts.length === 0 ? undefined : Math.max(...attempts);
    },
  };
}

/** Makes a directory whose parent exists; something else in its place, a link included, is an error. */
async function ensureRealDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: DIRECTORY_MODE });
  } catch (cause) {
    if (!isSystemError(cause) || cause.code !== 'EEXIST') throw cause;
  }
  await using directory = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  // The process's umask may have taken bits away that log shippers need.
  await directory.chmod(DIRECTORY_MODE);
}

/** The pod's directory holds container directories, and those hold files; anything else stays, and its parents with it. */
async function removePodDirectory(podLogsDir: string, name: string): Promise<void> {
  await withDirectory([podLogsDir, name], async (podDir) => {
    for (const entry of await readdir(descriptorPath(podDir))) {
      const path = `${descriptorPath(podDir)}/${entry}`;
      const removed = await ignoreSystemErrors(unlink(path).then(() => true));
      if (removed === true) continue;
      await using container = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      for (const file of await readdir(descriptorPath(container))) {
        await ignoreMissing(unlink(`${descriptorPath(container)}/${file}`));
      }
      await rmdir(path);
    }
  });
  await rmdir(join(podLogsDir, name));
}

/** A pod whose sandbox vanished while nobody looked is known by its uid alone: its directory tells the rest. */
async function withUid(podLogsDir: string, identity: PodIdentity): Promise<readonly PodIdentity[]> {
  const names = (await ignoreSystemErrors(readdir(podLogsDir))) ?? [];
  const others = names.flatMap((entry): PodIdentity[] => {
    const [namespace = '', name = '', uid = '', ...more] = entry.split('_');
    const isSame = namespace === identity.namespace && name === identity.name;
    return uid === identity.uid && uid !== '' && more.length === 0 && !isSame ? [{ namespace, name, uid }] : [];
  });
  return [identity, ...others];
}

async function removePodLinks(
  containerLogsDir: string,
  of: { readonly identity: PodIdentity; readonly target: string },
): Promise<void> {
  const prefix = `${of.identity.name}_${of.identity.namespace}_`;
  const names = (await readdir(containerLogsDir)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const path = join(containerLogsDir, name);
    if (await pointsInto(path, of.target)) await ignoreMissing(unlink(path));
  }
}

/** True when it points to a file or to something in a directory. */
async function pointsInto(link: string, place: string): Promise<boolean> {
  const target = await ignoreSystemErrors(readlink(link));
  return target === place || target?.startsWith(`${place}/`) === true;
}

function logsFault(message: string): Fault {
  return { kind: 'refused', reason: 'CreateContainerConfigError', message };
}

/** Logs are a service to people: what the disk refuses must not hold up a pod. */
async function ignoreSystemErrors<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    return undefined;
  }
}
