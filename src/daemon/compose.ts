// Puts a runner together and takes it apart: with runtimeStart.ts the only place that names concrete adapters. Start order
// is lock, runtime, images, loop, API, sources; the end is the same backwards.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KUBERNETES_VERSION, type NodeFacts } from '../api/node.ts';
import type { PullProgress } from '../api/pullProgress.ts';
import type { PullAction } from '../core/action.ts';
import { carriedProbes } from '../core/probing.ts';
import { newWorld, type World } from '../core/world.ts';
import { createCredentials } from '../credentials/credentials.ts';
import type { ContainerRuntime } from '../cri/runtime.ts';
import { createExecutor, type ExecutorLimits } from '../executor/executor.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { createCgroups } from '../platform/cgroups.ts';
import { now } from '../platform/clock.ts';
import { createContainerLogs } from '../platform/containerLogs.ts';
import { createLogs } from '../platform/logs.ts';
import { standardLabels } from '../platform/node.ts';
import { readNodeUse } from '../platform/nodeUse.ts';
import { createUserNamespaces } from '../platform/userNamespaces.ts';
import { createProbes } from '../probe/registry.ts';
import { startServer } from '../server/http.ts';
import { createClaims } from '../volume/claims.ts';
import { createVolumes } from '../volume/volumes.ts';
import { createCatalog } from './catalog.ts';
import { createEventLog } from './eventLog.ts';
import { CARRIED, openKeptFile, STOPPED } from './keptFile.ts';
import { openLastGood } from './lastGood.ts';
import { acquireLock } from './lock.ts';
import { createLoop, type Loop } from './loop.ts';
import { readVariables } from './manifestVariables.ts';
import { createRunner, type Runner } from './runner.ts';
import { choose, connect, loadImages, type StartFailure, type StartOptions } from './runtimeStart.ts';
import { createSignatureCheck } from './signatures.ts';
import { watchSources } from './sourceWatch.ts';
import { createUpkeep, type UpkeepOptions } from './upkeep.ts';
import { claimUsers, createVolumeDesk } from './volumeDesk.ts';

export interface StartedRunner {
  readonly runner: Runner;
  /** Ends the runner and leaves the pods running. */
  leave(): Promise<void>;
  /** Ends every pod, then the runner and its own runtime. @returns one sentence per thing that is left behind */
  drain(): Promise<readonly string[]>;
}

const EVENTS_MAX = 1_000;
/** What is in flight when the runner leaves gets this long. */
const LEAVE_GRACE_MS = 2_000;
const DRAIN_POLL_MS = 50;
/** For manifests to be kept on disk; what is not is read again, unless it breaks before. */
const KEEP_GRACE_MS = 2_000;

export async function startRunner(
  options: StartOptions,
  signal: AbortSignal,
): Promise<Result<StartedRunner, StartFailure>> {
  const { config, log, progress } = options;
  await mkdir(path.join(config.rootDir, 'state'), { recursive: true, mode: 0o750 });
  const lock = await acquireLock(config.rootDir);
  if (!lock.ok) return err({ kind: 'locked', message: lock.error.message });
  const chosen = await choose(options, signal);
  if (!chosen.ok) {
    lock.value.release();
    return chosen;
  }
  const { endpoint, embedded, importTarget } = chosen.value;
  const imported = importTarget === undefined ? [] : await loadImages(importTarget, options, signal);
  const connected = await connect(endpoint, config, signal).catch((error: Error) => error);
  if (connected instanceof Error) {
    await embedded?.leave();
    lock.value.release();
    return err({ kind: 'node', message: connected.message });
  }
  const { node, runtime } = connected;
  const assembled = await assemble({
    node,
    runtime,
    options,
    images: { imported, ownsRuntime: embedded !== undefined },
  });
  if (!assembled.ok) {
    runtime.close();
    await embedded?.leave();
    lock.value.release();
    return assembled;
  }
  const { runner, loop, quit, forget, removeCgroups } = assembled.value;
  log.info({ endpoint, node: node.name, rootDir: config.rootDir }, 'Started runner');
  progress(`Runner ready: node ${node.name}, runtime at ${endpoint}`);
  const end = async (): Promise<void> => {
    await quit();
    runtime.close();
  };
  return ok({
    runner,
    async leave() {
      await end();
      await embedded?.leave();
      lock.value.release();
    },
    async drain() {
      loop.tell({ kind: 'drain' });
      await untilEmpty(loop);
      forget();
      await end();
      const left = (await embedded?.stop({ cleanup: true })) ?? [];
      await removeCgroups();
      lock.value.release();
      return left;
    },
  });
}

interface Assembly {
  readonly node: NodeFacts;
  readonly runtime: ContainerRuntime;
  readonly options: StartOptions;
  readonly images: Pick<UpkeepOptions, 'imported' | 'ownsRuntime'>;
}

interface Assembled {
  readonly runner: Runner;
  readonly loop: Loop;
  readonly quit: () => Promise<void>;
  /** The pods have been ended on purpose: what their manifests were comes back from no memory. */
  readonly forget: () => void;
  /** Removes the cgroups that pods share; only empty ones. */
  readonly removeCgroups: () => Promise<boolean>;
}

async function assemble({ node, runtime, options, images }: Assembly): Promise<Result<Assembled, StartFailure>> {
  const { config, log, env } = options;
  const stopped = await openKeptFile(path.join(config.rootDir, 'state', 'stopped.json'), STOPPED, log);
  const carried = await openKeptFile(path.join(config.rootDir, 'state', 'probes.json'), CARRIED, log);
  const lastGood = await openLastGood(path.join(config.rootDir, 'state', 'manifests'), log);
  const signatures = createSignatureCheck(config.signatureKeys);
  const catalog = createCatalog({ nodeName: node.name, lastGood, guard: config.removalGuard, signatures });
  const claims = createClaims({ rootDir: config.rootDir });
  const quitting = new AbortController();
  const tasks: Promise<void>[] = [];
  if (node.swap === 'on') log.warn('Volumes in memory, secrets among them, might be swapped to disk');
  const volumes = createVolumes({ node, now, objects: catalog });
  const { podPidsLimit } = config;
  const cgroups = createCgroups({ node, ...(podPidsLimit > 0 ? { podPidsLimit } : {}) });
  const tellEvents = createEventLog(log);
  const settings = {
    nodeName: node.name,
    hostIPs: node.hostIPs,
    crashLoopInitialMs: config.crashLoopInitialMs,
    crashLoopMaxMs: config.crashLoopMaxMs,
    eventsMax: EVENTS_MAX,
    allowedUnsafeSysctls: config.allowedUnsafeSysctls,
    nodeLabels: { ...config.nodeLabels, ...standardLabels(node.name) },
    runtimeClasses: config.runtimeClasses,
    capacity: {
      pods: config.maxPods,
      cpu: node.allocatable.milliCpu,
      memory: node.allocatable.memoryBytes,
      'ephemeral-storage': node.allocatable.ephemeralStorageBytes,
      hugePages: node.hugePages,
    },
  };
  const world = newWorld(
    settings,
    options.sources.map((s) => s.id),
    { stopped: stopped.initial, carried: carried.initial },
    now(),
  );
  const limits: ExecutorLimits = { createSandbox: 16, startContainer: 16, pullImage: config.maxParallelImagePulls };
  const ports = {
    node,
    runtime,
    objects: catalog,
    credentials: createCredentials({ rootDir: config.rootDir, home: env['HOME'], env, find: catalog.find }),
    volumes,
    cgroups,
    userNamespaces: createUserNamespaces(config.rootDir),
    probes: createProbes({ runtime, version: KUBERNETES_VERSION }),
    logs: createLogs({ podLogsDir: config.podLogsDir }),
    now,
    pulling: (action: PullAction, progress: PullProgress) => loop.tell({ kind: 'pullProgress', action, progress }),
  };
  const upkeep = await createUpkeep({
    config: config.upkeep,
    rootDir: config.rootDir,
    podLogsDir: config.podLogsDir,
    runtime,
    ...images,
    now,
    log,
  });
  const executor = createExecutor(ports, limits, (action, result) => {
    upkeep.outcome(action, result);
    loop.outcome(action, result);
  });
  const loop = createLoop({
    world,
    runtime,
    now,
    log,
    execute: executor.execute,
    cancel: executor.cancel,
    changed: (next: World) => {
      stopped.keep(next.stopped);
      upkeep.changed(next);
      if (next.runtime.observed) carried.keep(carriedProbes(next.pods));
      tellEvents(next.events);
      runner.changed();
    },
  });
  let emptying: Promise<void> = Promise.resolve();
  const emptyRemoved = (): void => {
    emptying = emptying
      .then(() => claims.finishRemovals(quitting.signal))
      .catch((error: unknown) => {
        if (!quitting.signal.aborted) log.error({ err: error }, 'Failed to empty removed volumes');
      });
  };
  const runner = createRunner({
    volumes: createVolumeDesk({
      claims,
      given: catalog.claims,
      usersOf: (claim) => claimUsers(loop.world(), claim),
      // In its own time: a large volume takes long, and it is out of reach already.
      finish: async () => emptyRemoved(),
    }),
    world: loop.world,
    troubles: catalog.troubles,
    tell: loop.tell,
    recorded: async () => {
      await Promise.all([
        stopped.written(),
        Promise.race([lastGood.written(), sleep(KEEP_GRACE_MS, undefined, { ref: false })]),
      ]);
    },
    accept: () => sources.accept(),
    config: () => config.shown,
  });
  const sources = watchSources({
    catalog,
    tell: loop.tell,
    changed: () => runner.changed(),
    log,
    variables: { intervalMs: config.fileCheckMs, read: () => readVariables(config.variables, options.env) },
  });
  const backends = {
    logs: createContainerLogs({ podLogsDir: config.podLogsDir }),
    streams: runtime.streams,
    stats: runtime.stats,
    nodeUse: () => readNodeUse({ rootDir: config.rootDir, now }),
    images: runtime.imageStore,
  };
  const server = await startServer({ socketPath: config.socket, runner, backends, log }).catch((error: Error) => error);
  if (server instanceof Error) return err({ kind: 'socket', message: server.message });
  emptyRemoved();
  loop.tell({ kind: 'podDirectories', podUids: await volumes.list(quitting.signal) });
  tasks.push(
    loop.watchRuntime(quitting.signal),
    upkeep.run(loop, quitting.signal),
    sources.watch(options.sources, quitting.signal),
  );
  return ok({
    runner,
    loop,
    removeCgroups: () => cgroups.removeTree(),
    forget: catalog.forgetAll,
    quit: async () => {
      await server.close();
      quitting.abort();
      await executor.close(LEAVE_GRACE_MS);
      loop.close();
      await Promise.all([
        stopped.written(),
        carried.written(),
        Promise.race([lastGood.written(), sleep(KEEP_GRACE_MS, undefined, { ref: false })]),
      ]);
      await Promise.allSettled([...tasks, emptying]);
    },
  });
}

/** Resolves when no pod is left. Pods end by their own grace periods; what hangs is for the person to interrupt. */
async function untilEmpty(loop: Loop): Promise<void> {
  while (!loop.world().draining || loop.world().pods.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}
