// Starts the embedded containerd, or takes over the one that an earlier solopod left running, and keeps it running.
// The only entry to this folder. What survives what: src/decisions/0009-embedded-containerd.md.
import { chmod, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { type ImportTarget, importArchive, listImages } from '../imageImport.ts';
import { PAUSE_IMAGE, pauseArchive } from '../localImages.ts';
import { askSocket } from '../unixSocket.ts';
import { cleanUp } from './cleanUp.ts';
import { containerdConfig } from './config.ts';
import { type EmbeddedTools, findTools } from './find.ts';
import { bootId, chooseSnapshotter, mayLowerOomScore } from './host.ts';
import { capLog } from './logFile.ts';
import { ensureNetwork, type NetworkRecord, type NetworkWish, readNetworkRecord } from './network.ts';
import { type EmbeddedPaths, embeddedPaths } from './paths.ts';
import { endProcess, findProcess, type RuntimeProcess, startProcess } from './process.ts';
import { type EmbeddedEvent, supervise } from './supervise.ts';

export interface EmbeddedOptions {
  /** Absolute; made when absent. The caller holds the exclusive lock on it. */
  readonly rootDir: string;
  /** Environment to take PATH and proxy settings from. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder with another containerd, its shim and ctr. */
  readonly binDir?: string;
  /** Folder with the CNI plugins. */
  readonly cniBinDir?: string;
  readonly network?: NetworkWish;
  /** Default: PAUSE_IMAGE. Made locally when containerd does not have it. */
  readonly sandboxImage?: string;
  /** Told when containerd dies and comes back. */
  readonly report: (event: EmbeddedEvent) => void;
}

export interface Embedded {
  /** For the CRI client: "unix:///…/containerd.sock". */
  readonly endpoint: string;
  /** Of containerd: "1.6.20". */
  readonly version: string;
  /** True when it was already running, pods included. */
  readonly adopted: boolean;
  /** Where importImages puts archives. */
  readonly importTarget: ImportTarget;
  /** Name of the pods' bridge and their subnet. */
  readonly network: { readonly bridge: string; readonly subnet: string };
  readonly pid: () => number;
  /** Ends the supervision and leaves containerd and the pods running for the next start. */
  readonly leave: () => Promise<void>;
  /**
   * Stops containerd. With `cleanup` also everything that it still runs or has mounted, and the network: nothing but
   * images, logs and this root directory stays. Without, pods run on under their shims.
   * @returns one sentence for each thing that could not be removed
   */
  readonly stop: (options: { readonly cleanup: boolean }) => Promise<readonly string[]>;
}

/** Idempotent over crashes of solopod and of containerd. @returns an error that says what to do */
export async function startEmbedded(options: EmbeddedOptions, signal: AbortSignal): Promise<Result<Embedded, string>> {
  const tools = await findTools({ ...pick(options, 'binDir', 'cniBinDir'), searchPath: options.env['PATH'] ?? '' });
  if (!tools.ok) return tools;
  const place = await makeDirectories(options.rootDir);
  if (!place.ok) return place;
  const { rootDir, paths } = place.value;
  const isFirstStart = (await readNetworkRecord(paths)) === undefined;
  const started = await bringUp(options, { tools: tools.value, rootDir, paths, signal });
  if (!started.ok) {
    // Nothing can use what this very call made.
    if (isFirstStart) await cleanUp(paths, tools.value, { rootDir });
    return started;
  }
  const { process, network, importTarget } = started.value;
  const supervisor = supervise(process, {
    start: (abort) => startProcess(paths, tools.value, { env: options.env, signal: abort }),
    report: options.report,
    upkeep: () => capLog(paths.log),
  });
  return ok({
    endpoint: `unix://${paths.socket}`,
    version: tools.value.version.text,
    adopted: process.adopted,
    importTarget,
    network: { bridge: network.bridge, subnet: network.subnet },
    pid: () => supervisor.current().pid,
    leave: async () => {
      await supervisor.end();
    },
    stop: async ({ cleanup }) => {
      await endProcess(await supervisor.end());
      return cleanup ? cleanUp(paths, tools.value, { rootDir }) : [];
    },
  });
}

interface Place {
  readonly tools: EmbeddedTools;
  readonly rootDir: string;
  readonly paths: EmbeddedPaths;
  readonly signal: AbortSignal;
}

interface Running {
  readonly process: AdoptedOrStarted;
  readonly network: NetworkRecord;
  readonly importTarget: ImportTarget;
}

/** Network, configuration, process, sandbox image. When it fails, no process of this call is left. */
async function bringUp(options: EmbeddedOptions, place: Place): Promise<Result<Running, string>> {
  const { tools, rootDir, paths, signal } = place;
  const sandboxImage = options.sandboxImage ?? PAUSE_IMAGE;
  await forgetEarlierBoot(paths);
  const network = await ensureNetwork(paths, tools, { rootDir, wish: options.network ?? {} });
  if (!network.ok) return network;
  const snapshotter = await chooseSnapshotter(paths.base, tools);
  const config = containerdConfig({
    paths,
    version: tools.version,
    runc: tools.runc,
    cniBinDir: tools.cniBinDir,
    sandboxImage,
    snapshotter,
    mayLowerOomScore: await mayLowerOomScore(),
  });
  const running = await adoptOrStart({ ...place, config, env: options.env });
  if (!running.ok) return running;
  const importTarget = { ctr: tools.ctr, socket: paths.socket, snapshotter };
  const sandbox = await ensureSandboxImage(importTarget, paths, { image: sandboxImage, signal });
  if (!sandbox.ok) {
    if (!running.value.adopted) await endProcess(running.value);
    return sandbox;
  }
  return ok({ process: running.value, network: network.value, importTarget });
}

async function makeDirectories(
  wishedRoot: string,
): Promise<Result<{ readonly rootDir: string; readonly paths: EmbeddedPaths }, string>> {
  try {
    await mkdir(wishedRoot, { recursive: true, mode: 0o711 });
    // Mount tables hold real paths: cleaning up compares with them.
    const rootDir = await realpath(wishedRoot);
    const paths = embeddedPaths(rootDir);
    await mkdir(paths.base, { recursive: true, mode: 0o711 });
    await chmod(paths.base, 0o711);
    await mkdir(dirname(paths.socket), { recursive: true, mode: 0o711 });
    return ok({ rootDir, paths });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    return err(
      `Cannot make ${path ?? wishedRoot}: ${code}; the embedded runtime needs root and a writable root directory`,
    );
  }
}

/** What containerd keeps in its state directory describes mounts and processes: none of them outlives a boot. */
async function forgetEarlierBoot(paths: EmbeddedPaths): Promise<void> {
  const current = await bootId();
  const recorded = await readFile(paths.bootId, 'utf8').catch(() => undefined);
  if (recorded === current) return;
  if (recorded !== undefined) await rm(paths.state, { recursive: true, force: true });
  await writeFile(paths.bootId, current, { mode: 0o600 });
}

const ADOPT_WITHIN_MS = 5_000;

type AdoptedOrStarted = RuntimeProcess & { readonly adopted: boolean };

/** A running containerd is taken over when it is the same program with the same configuration, and answers. */
async function adoptOrStart(
  place: Place & { readonly config: string; readonly env: NodeJS.ProcessEnv },
): Promise<Result<AdoptedOrStarted, string>> {
  const { paths, tools, config, env, signal } = place;
  const found = await findProcess(paths);
  if (found !== undefined) {
    const current = await readFile(paths.config, 'utf8').catch(() => '');
    const isSame = current === config && found.program === (await realpath(tools.containerd));
    if (isSame && (await askSocket(paths.socket, ADOPT_WITHIN_MS)) === 'answers')
      return ok({ ...found, adopted: true });
    await endProcess(found);
  }
  await writeFile(paths.config, config, { mode: 0o600 });
  await capLog(paths.log);
  const started = await startProcess(paths, tools, { env, signal });
  return started.ok ? ok({ ...started.value, adopted: false }) : started;
}

async function ensureSandboxImage(
  target: ImportTarget,
  paths: EmbeddedPaths,
  options: { readonly image: string; readonly signal: AbortSignal },
): Promise<Result<void, string>> {
  const present = await listImages(target, options.signal);
  if (!present.ok) return present;
  if (present.value.has(options.image)) return ok(undefined);
  const archive = await pauseArchive(options.image);
  if (!archive.ok) return archive;
  await writeFile(paths.pauseArchive, archive.value, { mode: 0o600 });
  const imported = await importArchive(target, paths.pauseArchive, options.signal);
  await rm(paths.pauseArchive, { force: true });
  return imported.ok ? ok(undefined) : imported;
}

function pick<T, K extends keyof T>(value: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]])) as Pick<
    T,
    K
  >;
}
