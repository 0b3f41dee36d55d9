// Removes what an ended embedded containerd may have left on the host. Everything is found by marks that only ours carry:
// our runc root, our socket in a shim's arguments, mounts below our base directory, our bridge's MAC and network name.
// Another containerd, its containers and its rules are never touched.
import { readdir, readFile, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../run.ts';
import { askSocket } from '../unixSocket.ts';
import type { EmbeddedTools } from './find.ts';
import { removeRules } from './iptables.ts';
import { bridgeMac, macOf, type NetworkRecord, readNetworkRecord } from './network.ts';
import type { EmbeddedPaths } from './paths.ts';

const CRI_NAMESPACE = 'k8s.io';
const SHIM_SOCKETS = '/run/containerd/s';
/** Two seconds in all: a killed process is gone within milliseconds, unless it hangs inside the kernel. */
const SHIM_END_ROUNDS = 100;
const SHIM_END_POLL_MS = 20;
const CNI_RESULTS = '/var/lib/cni/results';
const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';
const CGROUPS = '/sys/fs/cgroup';

/** Call after containerd has ended. Idempotent. @returns one sentence for each thing that stayed */
export async function cleanUp(
  paths: EmbeddedPaths,
  tools: EmbeddedTools,
  options: { readonly rootDir: string },
): Promise<readonly string[]> {
  const problems: string[] = [];
  problems.push(...(await deleteContainers(paths, tools)));
  await endShims(paths);
  problems.push(...(await unmountAll(paths, tools)));
  problems.push(...(await removeNetwork(paths, tools, options.rootDir)));
  await removeEmptyCgroups();
  if (problems.length === 0) await removeFiles(paths);
  return problems;
}

async function deleteContainers(paths: EmbeddedPaths, tools: EmbeddedTools): Promise<readonly string[]> {
  const root = join(paths.runcRoot, CRI_NAMESPACE);
  const problems: string[] = [];
  for (const id of await readdir(root).catch(() => [])) {
    const deleted = await run(tools.runc, ['--root', root, 'delete', '--force', id]);
    if (!deleted.ok) problems.push(`Cannot delete container ${id}: ${deleted.error}`);
  }
  return problems;
}

async function endShims(paths: EmbeddedPaths): Promise<void> {
  const named = await bundleSockets(paths);
  // A killed process holds its socket for a moment longer: only what nobody holds is removed below.
  for (let round = 0; round < SHIM_END_ROUNDS; round++) {
    const shims = await shimsOf(paths);
    if (shims.length === 0) break;
    for (const pid of shims) endNow(pid);
    await sleep(SHIM_END_POLL_MS);
  }
  for (const socket of named) await unlink(socket).catch(() => undefined);
  await removeDeadShimSockets(paths);
}

/** Sockets of the shims that our bundles know. */
async function bundleSockets(paths: EmbeddedPaths): Promise<ReadonlySet<string>> {
  const bundles = join(paths.state, 'io.containerd.runtime.v2.task', CRI_NAMESPACE);
  const sockets = new Set<string>();
  for (const id of await readdir(bundles).catch(() => [])) {
    for (const name of ['address', 'bootstrap.json']) {
      const text = await readFile(join(bundles, id, name), 'utf8').catch(() => '');
      for (const socket of text.match(/\/run\/containerd\/s\/[0-9a-f]+/g) ?? []) sockets.add(socket);
    }
  }
  return sockets;
}

async function shimsOf(paths: EmbeddedPaths): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const argv = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!(argv[0] ?? '').endsWith('containerd-shim-runc-v2')) continue;
    if (argv[argv.indexOf('-address') + 1] === paths.socket) found.push(Number(entry));
  }
  return found;
}

/**
 * When a call ends while its shim starts, containerd leaves a socket that no bundle names, in a folder that the shims of
 * every containerd of the host share. What came after our own start, is bound by no process and refuses connections
 * belongs to nobody any more.
 */
async function removeDeadShimSockets(paths: EmbeddedPaths): Promise<void> {
  const ourStart = await stat(paths.bootId).catch(() => undefined);
  if (ourStart === undefined) return;
  const names = await readdir(SHIM_SOCKETS).catch(() => []);
  // Read after the folder: a socket that is being made right now is in the table by then.
  const bound = await readFile('/proc/net/unix', 'utf8');
  for (const name of names) {
    const socket = join(SHIM_SOCKETS, name);
    const info = await stat(socket).catch(() => undefined);
    if (info === undefined || info.mtimeMs < ourStart.mtimeMs || bound.includes(socket)) continue;
    if ((await askSocket(socket)) === 'nothing listens on it') await unlink(socket).catch(() => undefined);
  }
}

async function unmountAll(paths: EmbeddedPaths, tools: EmbeddedTools): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const point of await mountsBelow(paths.base)) {
    const plain = await run(tools.umount, [point]);
    const done = plain.ok ? plain : await run(tools.umount, ['--lazy', point]);
    if (!done.ok) problems.push(`Cannot unmount ${point}: ${done.error}`);
  }
  return problems;
}

/** Mount points below a directory, the latest mounted first. */
export async function mountsBelow(directory: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table.split('\n').map((line) => unescapeOctal(line.split(' ')[4] ?? ''));
  return points.filter((point) => point.startsWith(`${directory}/`)).reverse();
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

async function removeNetwork(paths: EmbeddedPaths, tools: EmbeddedTools, rootDir: string): Promise<readonly string[]> {
  const record = await readNetworkRecord(paths);
  if (record === undefined) return [];
  const problems: string[] = [...(await removeRules(tools, record))];
  if ((await macOf(tools, record.bridge)) === bridgeMac(rootDir)) {
    const deleted = await run(tools.ip, ['link', 'delete', record.bridge]);
    if (!deleted.ok) problems.push(`Cannot delete bridge ${record.bridge}: ${deleted.error}`);
  }
  await removeCachedResults(record.bridge);
  await restoreForwarding(tools, record);
  return problems;
}

/** libcni's cache: one file per sandbox for our network and one for its loopback. */
async function removeCachedResults(network: string): Promise<void> {
  const names = await readdir(CNI_RESULTS).catch(() => []);
  for (const name of names) {
    const sandbox = name.startsWith(`${network}-`) ? name.split('-').at(-2) : undefined;
    if (sandbox === undefined) continue;
    for (const file of [name, `cni-loopback-${sandbox}-lo`])
      await unlink(join(CNI_RESULTS, file)).catch(() => undefined);
  }
}

/** Forwarding goes back to off only where it was off and no other bridge of this host may rely on it by now. */
async function restoreForwarding(tools: EmbeddedTools, record: NetworkRecord): Promise<void> {
  if (record.forwardedBefore) return;
  const bridges = await run(tools.ip, ['-o', 'link', 'show', 'type', 'bridge']);
  if (bridges.ok && bridges.value.trim() === '') await writeFile(IP_FORWARD, '0').catch(() => undefined);
}

/** containerd's parent group for containers without one of their own; a group in use cannot be removed. */
async function removeEmptyCgroups(): Promise<void> {
  const controllers = await readdir(CGROUPS).catch(() => []);
  for (const folder of ['', ...controllers]) {
    await rmdir(join(CGROUPS, folder, CRI_NAMESPACE)).catch(() => undefined);
  }
}

async function removeFiles(paths: EmbeddedPaths): Promise<void> {
  const useless = [paths.state, paths.socket, `${paths.socket}.ttrpc`, paths.config, paths.bootId];
  const network = [paths.cniState, paths.cniConf, paths.cniAddresses, dirname(paths.cniState)];
  for (const path of [...useless, ...network]) await rm(path, { recursive: true, force: true });
  if (dirname(paths.socket) !== paths.base) await rmdir(dirname(paths.socket)).catch(() => undefined);
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // already gone
  }
}
