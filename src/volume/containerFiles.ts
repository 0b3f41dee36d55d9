// Files that a container gets besides its volumes: the managed /etc/hosts and the file behind its termination message.
// Running containers hold the hosts file by a bind mount, so it is rewritten in place and keeps its inode.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredContainer, DesiredPod } from '../api/desiredPod.ts';
import { podHostname } from '../network/hostname.ts';
import { hostNetworkHostsFile, podHostsFile } from '../network/hosts.ts';
import { managesHosts, neighbourLines } from '../network/neighbours.ts';
import type { HostsFacts } from '../ports/volumes.ts';
import { ensureDirectory } from './directories.ts';
import { containerDirectory, hostsPath } from './layout.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;
const HOSTS_MODE = 0o644;
/** Any user of the container writes its last words. */
const TERMINATION_LOG_MODE = 0o666;
/** Instances of a container whose files are kept: far more than there are objects that refer to them. */
const TERMINATION_LOGS_MAX = 10;

/** @returns undefined where the file is not managed: there is nothing to add to the runtime's, or no address yet */
export function hostsText(
  pod: DesiredPod,
  facts: HostsFacts & { readonly clusterDomain: string; readonly hostFile: string },
): string | undefined {
  if (!managesHosts(pod)) return undefined;
  const { podIPs, neighbours, clusterDomain, hostFile } = facts;
  const aliases = pod.spec.hostAliases ?? [];
  const others = neighbourLines(neighbours, { namespace: pod.metadata.namespace, clusterDomain });
  if (pod.spec.hostNetwork === true) return `${hostNetworkHostsFile(hostFile, aliases)}${others}`;
  if (podIPs.length === 0) return undefined;
  return `${podHostsFile(podIPs, { ...podHostname(pod, clusterDomain), aliases })}${others}`;
}

/** True for a container that brings a hosts file of its own. */
export function mountsOwnHosts({ volumeMounts = [] }: DesiredContainer): boolean {
  return volumeMounts.some((mount) => mount.mountPath === '/etc/hosts');
}

/** @returns the host's path of the file */
export async function writeHostsFile(podDir: string, text: string): Promise<string> {
  const path = hostsPath(podDir);
  await using file = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, HOSTS_MODE);
  const content = Buffer.from(text);
  if (!(await holds(file, content))) {
    // Over the old text and only then cut: a reader never finds the file empty.
    await file.write(content, 0, content.length, 0);
    await file.truncate(content.length);
  }
  await file.chmod(HOSTS_MODE);
  return path;
}

/** Makes an empty file for one start of a container. @returns the host's path of the file */
export async function createTerminationLog(podDir: string, container: string): Promise<string> {
  const directory = containerDirectory(podDir, container);
  await ensureDirectory(directory);
  await removeOldest(directory);
  const path = join(directory, randomBytes(4).toString('hex'));
  await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, TERMINATION_LOG_MODE);
  await file.chmod(TERMINATION_LOG_MODE);
  return path;
}

/** The host's own hosts file; a machine without one has none to give. */
export async function readHostFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** A container can write the file: its size is looked at before its content. */
async function holds(file: FileHandle, content: Buffer): Promise<boolean> {
  const info = await file.stat();
  if (info.size !== content.length) return false;
  const found = Buffer.alloc(content.length);
  await file.read(found, 0, found.length, 0);
  return found.equals(content);
}

/** A container that restarts for months must not fill the directory. */
async function removeOldest(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (names.length < TERMINATION_LOGS_MAX) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { path, changedAt: (await stat(path)).mtimeMs };
    }),
  );
  const oldest = files.toSorted((a, b) => a.changedAt - b.changedAt).slice(0, names.length - TERMINATION_LOGS_MAX + 1);
  await Promise.all(oldest.map(({ path }) => unlink(path)));
}
