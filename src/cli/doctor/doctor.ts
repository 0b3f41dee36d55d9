// `doctor`: what this machine has and lacks to run pods, each with what to do about it. It changes nothing and needs no
// runner; of one that is there it asks how it is.
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigValues } from '../../daemon/config.ts';
import { printable } from '../../manifest/format.ts';
import { discoverRuntime } from '../../platform/discover.ts';
import { findTools } from '../../platform/embedded/find.ts';
import { askSocket } from '../../platform/unixSocket.ts';
import { readSnapshot } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { paint } from '../output.ts';
import { loadConfig } from '../settings.ts';
import { attentionLines } from '../status/attention.ts';

interface Check {
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

/** Below this share of free space a kubelet would begin to evict pods. */
const FREE_SHARE_MIN = 0.1;
const OTHERS_WRITE = 0o022;

export async function doctor(cli: Cli): Promise<number> {
  const { io } = cli;
  const config = await loadConfig(cli);
  if (!config.ok) return fail(io, config.error);
  const { values } = config.value;
  const checks = [
    checkUser(),
    await checkRuntime(values, io.env),
    await checkCgroups(),
    await checkManifests(values.staticPodPath),
    await checkSpace(values.rootDir),
    await checkRunner(values.socket, io),
  ];
  for (const check of checks) io.out(formatCheck(check, io.colour));
  return checks.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
}

const WORDS = { ok: 'ok', warning: 'WARNING', failed: 'FAILED' } as const;
const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const;

function formatCheck({ what, state, detail }: Check, colour: boolean): string {
  const word = WORDS[state].padEnd(8);
  const lines = detail.split('\n').map(printable);
  return `${colour ? paint(word, COLOURS[state]) : word} ${what}: ${lines.join('\n         ')}\n`;
}

function checkUser(): Check {
  const isRoot = process.getuid?.() === 0;
  const detail = isRoot ? 'root' : 'not root: running pods needs it (validate and doctor do not)';
  return { what: 'user', state: isRoot ? 'ok' : 'failed', detail };
}

async function checkRuntime({ containerRuntimeEndpoint: runtime }: ConfigValues, env: Io['env']): Promise<Check> {
  const what = `runtime (${runtime})`;
  if (runtime === 'embedded') {
    const tools = await findTools({ searchPath: env['PATH'] ?? '' });
    return tools.ok
      ? { what, state: 'ok', detail: `${tools.value.containerd}, version ${tools.value.version.text}` }
      : { what, state: 'failed', detail: tools.error };
  }
  if (runtime === 'auto') {
    const found = await discoverRuntime({ env });
    return found.ok
      ? { what, state: 'ok', detail: `${found.value.endpoint} (${found.value.origin})` }
      : { what, state: 'failed', detail: found.error };
  }
  const answer = await askSocket(runtime.replace(/^unix:\/\//, ''));
  return { what, state: answer === 'answers' ? 'ok' : 'failed', detail: answer };
}

async function checkCgroups(): Promise<Check> {
  const isUnified = await exists('/sys/fs/cgroup/cgroup.controllers');
  const isLegacy = await exists('/sys/fs/cgroup/memory');
  if (isUnified) return { what: 'cgroups', state: 'ok', detail: 'version 2' };
  if (isLegacy) return { what: 'cgroups', state: 'ok', detail: 'version 1' };
  return { what: 'cgroups', state: 'failed', detail: 'none are mounted at /sys/fs/cgroup: limits cannot be held' };
}

/** Whoever can write manifests is root on this machine. */
async function checkManifests(place: string): Promise<Check> {
  const what = 'manifests';
  const found = await stat(place).catch((cause: NodeJS.ErrnoException) => cause);
  if (found instanceof Error) {
    const detail =
      found.code === 'ENOENT' ? `${place} does not exist: make it, or name another with --manifest-dir` : found.message;
    return { what, state: 'warning', detail };
  }
  if ((found.mode & OTHERS_WRITE) !== 0) {
    const detail = `${place} can be written by others than its owner, who could run anything as root: chmod go-w ${place}`;
    return { what, state: 'warning', detail };
  }
  return { what, state: 'ok', detail: place };
}

/** Of the file system that the root directory is, or will be, on. */
async function checkSpace(rootDir: string): Promise<Check> {
  let place = rootDir;
  while (place !== '/' && !(await exists(place))) place = path.dirname(place);
  const { bavail, blocks, bsize } = await statfs(place);
  const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB of ${((blocks * bsize) / 1e9).toFixed(1)} GB free for ${rootDir}`;
  return { what: 'disk', state: bavail / Math.max(1, blocks) < FREE_SHARE_MIN ? 'warning' : 'ok', detail: free };
}

async function checkRunner(socket: string, io: Io): Promise<Check> {
  const what = 'runner';
  const snapshot = await readSnapshot(socket);
  if (!snapshot.ok) return { what, state: 'warning', detail: snapshot.error.message };
  const { pods, node } = snapshot.value;
  const attention = attentionLines(snapshot.value, { pods, now: io.now() });
  const detail = `${pods.length} pods on node ${node.name}, ${node.runtime}`;
  return attention.length === 0
    ? { what, state: 'ok', detail }
    : { what, state: 'warning', detail: [detail, ...attention].join('\n') };
}

function exists(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}
