// Keeps container logs within their limits: looks at the sizes, rotates, compresses one file at a time. A stat per log
// and look is all that it costs while nothing grows; a log that grows fast is looked at more often.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../api/fault.ts';
import { type LogLimits, logLimitsOf } from '../api/logLimits.ts';
import type { Instant, MonoMs } from '../api/time.ts';
import type { World } from '../core/world.ts';
import type { Result } from '../lib/result.ts';
import type { RuntimePort } from '../ports/runtime.ts';
import type { LogFilesPort } from '../ports/upkeep.ts';
import type { Logger } from '../telemetry/log.ts';
import { isFlood, type LogSighting, restMs, SHORTEST_LOOK_MS } from '../upkeep/logRotation.ts';

/** A log that can't be rotated is tried again after 2 s, doubling to this. */
const RETRY_MAX_MS = 300_000;
const RETRY_MS = 2_000;

export interface LogMonitorOptions {
  readonly world: () => World;
  readonly runtime: Pick<RuntimePort, 'reopenLog'>;
  readonly files: LogFilesPort;
  readonly limits: LogLimits;
  /** Between looks at a log that hardly grows. */
  readonly intervalMs: number;
  readonly now: () => Instant;
  readonly log: Logger;
}

interface WatchedLog {
  readonly sighting?: LogSighting;
  readonly rotatedAt?: MonoMs;
  readonly failures: number;
  readonly lookAt: MonoMs;
}

interface RunningLog {
  readonly id: string;
  readonly path: string;
  readonly pod: string;
  readonly limits: LogLimits;
}

/** Runs until the signal aborts. */
export async function monitorLogs(options: LogMonitorOptions, signal: AbortSignal): Promise<void> {
  const { files, now, log, intervalMs } = options;
  let watched = new Map<string, WatchedLog>();
  let compressing: Promise<unknown> = Promise.resolve();

  async function look(running: RunningLog, before: WatchedLog): Promise<WatchedLog> {
    const seen = await files.look(running.path);
    const at = now().mono;
    if (seen.kind === 'file' && seen.bytes < running.limits.maxBytes) {
      const sighting = { bytes: seen.bytes, at };
      const rest = restMs(before.sighting, sighting, { maxBytes: running.limits.maxBytes, longestMs: intervalMs });
      return { ...before, sighting, failures: 0, lookAt: at + rest };
    }
    const done = seen.kind === 'file' ? await rotate(running, before) : await renew(running, seen.kind);
    const { sighting: _, ...rest } = before;
    if (done.ok) return { ...rest, rotatedAt: at, failures: 0, lookAt: at + SHORTEST_LOOK_MS };
    const failures = before.failures + 1;
    if (failures === 1) log.warn({ pod: running.pod, path: running.path, ...done.error }, 'Failed to rotate log');
    return { ...rest, failures, lookAt: at + Math.min(RETRY_MS * 2 ** Math.min(failures - 1, 20), RETRY_MAX_MS) };
  }

  async function rotate({ id, path, pod, limits }: RunningLog, before: WatchedLog): Promise<Result<void, Fault>> {
    const reopen = () => options.runtime.reopenLog(id, signal);
    const rotated = await files.rotate(path, { maxFiles: limits.maxFiles, reopen });
    if (!rotated.ok) return rotated;
    log.debug({ pod, path, file: rotated.value.file }, 'Rotated log');
    if (!isFlood(before.rotatedAt, now().mono)) compressLater(path, rotated.value.compress);
    return { ok: true, value: undefined };
  }

  /** A log that somebody removed, or put a link in the place of: the container goes on in a new file. */
  async function renew({ id, path, pod }: RunningLog, kind: 'missing' | 'strange'): Promise<Result<void, Fault>> {
    const cleared = kind === 'strange' ? await files.clear(path) : undefined;
    if (cleared?.ok === false) return cleared;
    const reopened = await options.runtime.reopenLog(id, signal);
    if (reopened.ok) log.warn({ pod, path, found: kind }, 'Made the log file anew');
    return reopened;
  }

  function compressLater(path: string, names: readonly string[]): void {
    for (const name of names) {
      compressing = compressing.then(async () => {
        if (signal.aborted) return;
        const done = await files.compress(path, name, signal);
        if (!done.ok) log.warn({ path, file: name, ...done.error }, 'Failed to compress log');
      });
    }
  }

  while (!signal.aborted) {
    const { mono } = now();
    const next = new Map<string, WatchedLog>();
    // Without a runtime nobody could open a new file, and what is written goes on in the old one.
    const running = options.world().runtime.ready ? runningLogs(options) : [];
    for (const one of running) {
      const before = watched.get(one.id) ?? { failures: 0, lookAt: mono };
      next.set(one.id, before.lookAt > mono ? before : await look(one, before));
      if (signal.aborted) break;
    }
    watched = next;
    const due = Math.min(...[...watched.values()].map(({ lookAt }) => lookAt - mono), intervalMs);
    await sleep(Math.max(due, SHORTEST_LOOK_MS / 2), undefined, { signal, ref: false }).catch(() => undefined);
  }
  await compressing;
}

function runningLogs({ world, limits }: LogMonitorOptions): readonly RunningLog[] {
  return [...world().pods.values()].flatMap((record) => {
    const annotations = record.desired?.metadata.annotations ?? record.sandboxes[0]?.annotations ?? {};
    const own = logLimitsOf(annotations, limits);
    return record.containers
      .filter((c) => c.state === 'running' && c.logPath !== '')
      .map(({ id, logPath }) => ({ id, path: logPath, pod: record.key, limits: own }));
  });
}
