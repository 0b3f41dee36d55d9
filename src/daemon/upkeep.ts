// Looking after the node: everything that runs besides the pods' own loop, put together in one place.
import path from 'node:path';
import type { Instant } from '../api/time.ts';
import type { Action } from '../core/action.ts';
import type { ActionResult } from '../core/input.ts';
import type { World } from '../core/world.ts';
import type { ContainerRuntime } from '../cri/runtime.ts';
import { createLogFiles } from '../platform/logFiles.ts';
import type { Logger } from '../telemetry/log.ts';
import { createImageCollector } from './imageCollector.ts';
import { openImageLedger } from './imageLedger.ts';
import { monitorLogs } from './logMonitor.ts';
import type { Fact } from './loop.ts';
import type { UpkeepConfig } from './upkeepConfig.ts';

export interface UpkeepOptions {
  readonly config: UpkeepConfig;
  readonly rootDir: string;
  readonly podLogsDir: string;
  readonly runtime: ContainerRuntime;
  /** The runtime is this runner's own: nobody else's images are in it. */
  readonly ownsRuntime: boolean;
  /** Images that the archives of the image folder hold. */
  readonly imported: readonly string[];
  readonly now: () => Instant;
  readonly log: Logger;
}

export interface Upkeep {
  /** To be told of every world. */
  changed(world: World): void;
  /** To be told of every outcome. */
  outcome(action: Action, result: ActionResult): void;
  /** Looks after the node until the signal aborts. */
  run(loop: { readonly world: () => World; tell(fact: Fact): void }, signal: AbortSignal): Promise<void>;
}

export async function createUpkeep(options: UpkeepOptions): Promise<Upkeep> {
  const { config, rootDir, podLogsDir, runtime, ownsRuntime, imported, now, log } = options;
  const ledger = await openImageLedger(path.join(rootDir, 'state', 'images.json'), log);
  return {
    changed: ledger.noteWorld,
    outcome(action, result) {
      const image = result.facts.image;
      if (action.kind !== 'pullImage' || !result.ok || image === undefined || image === 'absent') return;
      ledger.notePulled(action.image, image.ref);
    },
    async run({ world, tell }, signal) {
      const collector = createImageCollector({
        world,
        store: runtime.imageStore,
        ledger,
        rules: config.images,
        ownsAll: ownsRuntime || config.removeForeignImages,
        imported,
        now,
        log,
        announce: (reason, message) => tell({ kind: 'nodeEvent', type: 'Warning', reason, message }),
      });
      const files = createLogFiles(podLogsDir);
      const logs = {
        world,
        runtime,
        files,
        limits: config.logLimits,
        intervalMs: config.logMonitorIntervalMs,
        now,
        log,
      };
      await Promise.all([monitorLogs(logs, signal), collector.run(signal)]);
      await ledger.written();
    },
  };
}
