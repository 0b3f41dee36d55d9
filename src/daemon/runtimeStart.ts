// The runtime that the runner is to speak to: chosen or started, its image folder loaded, and the node as that runtime has
// it. Each step says what is going on, and returns what went wrong.
import path from 'node:path';
import type { NodeFacts } from '../api/node.ts';
import { type ContainerRuntime, createRuntime } from '../cri/runtime.ts';
import { err, type Result } from '../lib/result.ts';
import { type ImportTarget, importImages } from '../platform/imageImport.ts';
import { readNodeFacts } from '../platform/node.ts';
import type { SourcePort } from '../ports/sources.ts';
import type { Logger } from '../telemetry/log.ts';
import type { RunnerConfig } from './runnerConfig.ts';
import { type ChosenRuntime, chooseRuntime } from './runtimeChoice.ts';

export interface StartOptions {
  readonly config: RunnerConfig;
  /** Made from the node's name, which pods carry. */
  readonly sources: readonly SourcePort[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** Tells a person what is going on during start. */
  readonly progress: (step: string) => void;
}

export interface StartFailure {
  readonly kind: 'locked' | 'runtime' | 'socket' | 'node';
  readonly message: string;
}

export async function choose(
  { config, env, log, progress }: StartOptions,
  signal: AbortSignal,
): Promise<Result<ChosenRuntime, StartFailure>> {
  if (config.runtime === 'embedded') progress('Starting the embedded containerd');
  const chosen = await chooseRuntime(
    {
      runtime: config.runtime,
      rootDir: config.rootDir,
      env,
      report: (event) => log.warn({ event }, 'Embedded containerd changed'),
      ...(config.podCIDR === undefined ? {} : { podCIDR: config.podCIDR }),
      ...(config.bridgeIn === undefined ? {} : { bridgeIn: config.bridgeIn }),
    },
    signal,
  );
  return chosen.ok ? chosen : err({ kind: 'runtime', message: chosen.error });
}

/** One bad archive is told and never blocks the others. @returns names of the images that the folder holds */
export async function loadImages(
  target: ImportTarget,
  { config, log, progress }: StartOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const recordFile = path.join(config.rootDir, 'state', 'imported-images.json');
  const imported = await importImages(target, { directory: config.imageDir, recordFile }, signal);
  if (!imported.ok) {
    log.error({ directory: config.imageDir, err: imported.error }, 'Failed to import images');
    progress(imported.error);
    return [];
  }
  for (const archive of imported.value) {
    if (archive.outcome === 'failed') {
      log.error({ file: archive.file, err: archive.message }, 'Failed to import image archive');
      progress(archive.message);
    } else if (archive.outcome === 'imported') {
      progress(`Imported ${archive.images.join(', ')} from ${archive.file}`);
    }
  }
  return imported.value.flatMap((archive) => (archive.outcome === 'failed' ? [] : archive.images));
}

export async function connect(
  endpoint: string,
  config: RunnerConfig,
  signal: AbortSignal,
): Promise<{ node: NodeFacts; runtime: ContainerRuntime }> {
  const { rootDir, podLogsDir, clusterDNS, clusterDomain, resolvConf, seccompDefault, reserved, nodeName } = config;
  const wishes = { rootDir, podLogsDir, clusterDNS, clusterDomain, resolvConf, seccompDefault, reserved };
  const guess = await readNodeFacts({ ...wishes, ...(nodeName === undefined ? {} : { nodeName }) });
  const runtime = createRuntime({ endpoint, node: guess, owner: rootDir });
  const driver = await runtime.cgroupDriver(signal);
  if (!driver.ok || driver.value === undefined || driver.value === guess.cgroupDriver) return { node: guess, runtime };
  runtime.close();
  const node: NodeFacts = { ...guess, cgroupDriver: driver.value };
  return { node, runtime: createRuntime({ endpoint, node, owner: rootDir }) };
}
