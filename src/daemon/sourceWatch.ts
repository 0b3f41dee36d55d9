// From sources through the catalog to the loop: hands on what they deliver, starts from the last good manifests when a
// source is slow, and logs every new trouble once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Result } from '../lib/result.ts';
import type { Variables } from '../manifest/variables.ts';
import type { SourcePort } from '../ports/sources.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Catalog } from './catalog.ts';
import type { Loop } from './loop.ts';

export interface SourceWatchOptions {
  readonly catalog: Catalog;
  readonly tell: Loop['tell'];
  /** The troubles have changed. */
  readonly changed: () => void;
  readonly log: Logger;
  readonly variables: {
    readonly intervalMs: number;
    /** What this device gives to manifests now; the error is a sentence. */
    read(): Promise<Result<Variables, string>>;
  };
}

export interface SourceWatch {
  /** Runs until the signal aborts. */
  watch(sources: readonly SourcePort[], signal: AbortSignal): Promise<void>;
  /** @returns the keys of the pods that end now */
  accept(): readonly string[];
}

/** A source that has not answered by then is probably out of reach: pods do not wait for it. */
const ANSWER_PATIENCE_MS = 2_000;

export function watchSources({ catalog, tell, changed, log, variables }: SourceWatchOptions): SourceWatch {
  let logged = new Set<string>();

  function hand(source: string, pods: readonly DesiredPod[] | undefined): void {
    logTroubles();
    if (pods === undefined) {
      changed();
      return;
    }
    // Before the pods that use them: both are in the same turn.
    tell({ kind: 'objects', objects: catalog.objects() });
    tell({ kind: 'sourceSnapshot', source, pods });
  }

  function logTroubles(): void {
    const troubles = catalog.troubles().filter(({ kind }) => kind !== 'ignored');
    const current = new Set<string>();
    for (const { location, kind, message } of troubles) {
      const line = `${kind} ${location} ${message}`;
      current.add(line);
      if (!logged.has(line)) log.warn({ location, kind, reason: message }, 'Refused what a source gives');
    }
    logged = current;
  }

  /** A source that breaks down, against its contract, is started again: what it gave stays in force. */
  async function watchOne(source: SourcePort, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await source.watch((update) => hand(source.id, catalog.update(update)), signal);
      } catch (err) {
        log.error({ source: source.id, err }, 'Failed to watch a source');
        await sleep(ANSWER_PATIENCE_MS, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  let known: string | undefined;

  /** Values that cannot be read for the moment are as they were. */
  async function readVariables(): Promise<void> {
    const read = await variables.read();
    const said = JSON.stringify(read.ok ? read.value : read.error);
    if (said === known) return;
    known = said;
    if (!read.ok) log.error({ err: read.error }, 'Failed to read the variables of manifests');
    else for (const { source, pods } of catalog.setVariables(read.value)) hand(source, pods);
  }

  async function watchVariables(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(variables.intervalMs, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await readVariables();
    }
  }

  async function startFromMemory(source: string, signal: AbortSignal): Promise<void> {
    await sleep(ANSWER_PATIENCE_MS, undefined, { signal, ref: false }).catch(() => {});
    const pods = signal.aborted ? undefined : catalog.recall(source);
    if (pods === undefined) return;
    log.warn({ source, pods: pods.length }, 'Started the pods of the last good manifests: the source does not answer');
    hand(source, pods);
  }

  return {
    async watch(sources, signal) {
      await readVariables();
      await Promise.all([
        watchVariables(signal),
        ...sources.flatMap((source) => [watchOne(source, signal), startFromMemory(source.id, signal)]),
      ]);
    },
    accept() {
      const accepted = catalog.accept();
      for (const { source, pods } of accepted) hand(source, pods);
      return accepted.flatMap(({ ended }) => ended).sort();
    },
  };
}
