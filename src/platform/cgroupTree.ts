// Directories of the cgroup filesystem: finding hierarchies, making levels, writing settings, killing and removing.
// It knows the kernel's interface and nothing of pods. Rule: the kernel's cgroup-v1 and cgroup-v2 documents.
import { mkdir, open, readdir, readFile, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Setting, V2_CONTROLLERS } from './cgroupFiles.ts';

/** One mounted hierarchy; with cgroup v2 there is only one. */
export interface Hierarchy {
  readonly directory: string;
  /** Names that the mount goes by: one controller, several that share it, "systemd", "unified"; none with cgroup v2. */
  readonly controllers: readonly string[];
}

/** Killed processes need a moment to go; a cgroup that is still busy after this is somebody's trouble. */
const REMOVE_ATTEMPTS_MAX = 100;
const REMOVE_INTERVAL_MS = 20;
/** Levels below a pod: its containers, and what containers make in theirs. */
const DEPTH_MAX = 32;

/** Hierarchies of cgroup v1 below the mount; links such as cpu -> cpu,cpuacct are other names of one and left out. */
export async function v1Hierarchies(mount: string): Promise<readonly Hierarchy[]> {
  const entries = await readdir(mount, { withFileTypes: true });
  const found = entries.filter((entry) => entry.isDirectory());
  const checked = await Promise.all(
    found.map(async ({ name }) => ({ name, isMounted: await exists(join(mount, name, 'cgroup.procs')) })),
  );
  return checked
    .filter(({ isMounted }) => isMounted)
    .map(({ name }) => ({ directory: join(mount, name), controllers: name.split(',') }));
}

/** @returns false when it was there already */
export async function makeCgroup(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o755 });
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  }
}

/** A new cpuset allows nothing until it is told what its parent may use (cgroup v1). */
export async function inheritCpuset(path: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = await readIfThere(join(path, file));
    if (own === undefined || own.trim() !== '') continue;
    const parents = await readIfThere(join(dirname(path), file));
    if (parents !== undefined) await writeIfThere(join(path, file), parents.trim());
  }
}

/** Lets the children of a cgroup use every controller that it has itself (cgroup v2). */
export async function enableControllers(path: string): Promise<void> {
  const available = (await readFile(join(path, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  const enabled = (await readFile(join(path, 'cgroup.subtree_control'), 'utf8')).trim().split(/\s+/);
  const missing = V2_CONTROLLERS.filter((name) => available.includes(name) && !enabled.includes(name));
  // One by one: a controller that can't be had must not cost the others.
  for (const name of missing) await writeIfThere(join(path, 'cgroup.subtree_control'), `+${name}`);
}

/** Writes settings of one cgroup; those whose controller is not there have no file and are passed over. */
export async function writeSettings(path: string, settings: readonly Setting[]): Promise<void> {
  for (const { file, value } of settings) await writeIfThere(join(path, file), value);
}

/** A number in a cgroup file; undefined when there is none. */
export async function readNumber(path: string): Promise<number | undefined> {
  const text = await readIfThere(path);
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

export async function childCgroups(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/**
 * Kills every process in the cgroups and removes them, children first. Idempotent.
 *
 * @returns cgroups that are still there after a bounded time
 */
export async function killAndRemove(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  let left: readonly string[] = paths;
  for (let attempt = 0; attempt < REMOVE_ATTEMPTS_MAX; attempt += 1) {
    signal.throwIfAborted();
    const trees = await Promise.all(left.map((path) => descendants(path)));
    const remaining: string[] = [];
    for (const tree of trees) {
      await killAll(tree);
      if (!(await removeAll(tree))) remaining.push(...tree.slice(-1));
    }
    left = remaining;
    if (left.length === 0) return [];
    await delay(REMOVE_INTERVAL_MS, undefined, { signal });
  }
  return left;
}

/** Removes a cgroup that has neither processes nor children; anything else stays. @returns true when it is gone */
export async function removeIfEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return true;
    if (hasCode(cause, 'EBUSY') || hasCode(cause, 'ENOTEMPTY')) return false;
    throw cause;
  }
}

/** The cgroup and everything below, children first; nothing when it is not there. */
async function descendants(path: string, depth = 0): Promise<readonly string[]> {
  if (!(await exists(path)) || depth > DEPTH_MAX) return [];
  const children = await childCgroups(path);
  const below = await Promise.all(children.map((name) => descendants(join(path, name), depth + 1)));
  return [...below.flat(), path];
}

async function killAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    // A frozen process takes a signal only when it thaws.
    await writeIfThere(join(path, 'freezer.state'), 'THAWED').catch(() => undefined);
    for (const pid of await processesOf(path)) kill(pid);
  }
}

async function processesOf(path: string): Promise<readonly number[]> {
  const text = (await readIfThere(join(path, 'cgroup.procs'))) ?? '';
  // 0 stands for processes of another pid namespace; as an argument of kill it would mean ourselves.
  return text
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid > 1 && pid !== process.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    if (!hasCode(cause, 'ESRCH')) throw cause;
  }
}

async function removeAll(paths: readonly string[]): Promise<boolean> {
  let allGone = true;
  for (const path of paths) allGone = (await removeIfEmpty(path)) && allGone;
  return allGone;
}

/** Cgroup files can't be created: one that is missing belongs to a controller that is not there. */
async function writeIfThere(path: string, value: string): Promise<void> {
  try {
    await using file = await open(path, 'r+');
    await file.write(value);
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT')) throw cause;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    // ENODEV: the cgroup was removed while its file was open.
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENODEV')) return undefined;
    throw cause;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
