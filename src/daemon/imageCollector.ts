// Removes images that nobody needs any more when the disk fills up: brings the facts together, lets upkeep/imageGarbage.ts
// decide, and removes one by one. On a runtime that others use too, only what this runner pulled itself is in question.
import { setTimeout as sleep } from 'node:timers/promises';
import { podImages } from '../api/podImages.ts';
import type { Instant } from '../api/time.ts';
import type { World } from '../core/world.ts';
import { readDiskSpace } from '../platform/diskSpace.ts';
import type { ImageStorePort } from '../ports/upkeep.ts';
import type { Logger } from '../telemetry/log.ts';
import {
  allUnusedImages,
  canonicalImageName,
  type ImageFacts,
  type ImageHistories,
  type ImageRules,
  noteImages,
  planImageGarbage,
} from '../upkeep/imageGarbage.ts';
import type { ImageLedger } from './imageLedger.ts';

/** The kubelet's ImageGCPeriod. */
const PERIOD_MS = 5 * 60_000;

export interface ImageCollectorOptions {
  readonly world: () => World;
  readonly store: ImageStorePort;
  readonly ledger: ImageLedger;
  readonly rules: ImageRules;
  /** Every image of the runtime is ours to remove, not only what this runner pulled. */
  readonly ownsAll: boolean;
  /** Images that the archives of the image folder hold. */
  readonly imported: readonly string[];
  readonly now: () => Instant;
  readonly log: Logger;
  /** Tells a node event. */
  readonly announce: (reason: string, message: string) => void;
}

export interface ImageCollector {
  /** Looks every five minutes until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Removes every image that nobody needs. @returns bytes that were freed */
  removeUnused(signal: AbortSignal): Promise<number>;
  /** Where images are, once the runtime has told. */
  mountpoint(signal: AbortSignal): Promise<string | undefined>;
}

export function createImageCollector(options: ImageCollectorOptions): ImageCollector {
  const { world, store, ledger, rules, now, log } = options;
  let histories: ImageHistories = new Map();
  let isFirst = true;

  async function mountpoint(signal: AbortSignal): Promise<string | undefined> {
    const place = await store.mountpoint(signal);
    return place.ok ? place.value : undefined;
  }

  async function look(signal: AbortSignal): Promise<ImageFacts | undefined> {
    // Before the first look it is not known which containers there are.
    if (!world().runtime.observed) return undefined;
    const images = await store.list(signal);
    const sandbox = await store.sandboxImage(signal);
    if (!images.ok || !sandbox.ok) return undefined;
    const place = await mountpoint(signal);
    const disk = place === undefined ? undefined : await readDiskSpace(place);
    const { mono } = now();
    const needed = neededNames(options, sandbox.value);
    histories = noteImages(histories, { images: images.value, needed, now: mono }, { isFirst });
    isFirst = false;
    const own = options.ownsAll ? undefined : new Set(ledger.pulled().map(canonicalImageName));
    return {
      images: images.value,
      histories,
      needed,
      own,
      disk: disk ?? { capacityBytes: 0, availableBytes: 0 },
      now: mono,
    };
  }

  async function remove(images: ImageFacts['images'], signal: AbortSignal): Promise<number> {
    let freed = 0;
    for (const { id, names, sizeBytes } of images) {
      // A manifest that came meanwhile may name it.
      const needed = neededNames(options, undefined);
      if (signal.aborted || [id, ...names.map(canonicalImageName)].some((name) => needed.has(name))) continue;
      const removed = await store.remove(id, signal);
      if (!removed.ok) {
        log.warn({ image: names[0] ?? id, ...removed.error }, 'Failed to remove image');
        continue;
      }
      ledger.noteRemoved(id, ...names);
      freed += sizeBytes;
      log.info({ image: names[0] ?? id, sizeBytes }, 'Removed unused image');
    }
    return freed;
  }

  async function collect(signal: AbortSignal): Promise<void> {
    const facts = await look(signal);
    if (facts === undefined) return;
    const { remove: images, goalBytes, shortBytes } = planImageGarbage(facts, rules);
    const freed = await remove(images, signal);
    if (shortBytes > 0 && !signal.aborted) {
      const message = `Failed to garbage collect required amount of images. Attempted to free ${Math.ceil(goalBytes)} bytes, but only found ${freed} bytes eligible to free.`;
      options.announce('FreeDiskSpaceFailed', message);
    }
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        await collect(signal);
        await sleep(PERIOD_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
    async removeUnused(signal) {
      const facts = await look(signal);
      return facts === undefined ? 0 : remove(allUnusedImages(facts, rules).remove, signal);
    },
    mountpoint,
  };
}

/** Everything that some pod, its previous version, a container, the image folder or the runtime needs. */
function neededNames(
  { world, ledger, imported }: ImageCollectorOptions,
  sandboxImage: string | undefined,
): ReadonlySet<string> {
  const records = [...world().pods.values()];
  const names = [
    ...records.flatMap(({ desired }) => (desired === undefined ? [] : podImages(desired))),
    ...Object.values(world().sources).flatMap((pods) => (pods ?? []).flatMap(podImages)),
    ...records.flatMap(({ containers }) => containers.flatMap(({ image, imageRef }) => [image, imageRef])),
    ...ledger.kept(),
    ...imported,
    ...(sandboxImage === undefined ? [] : [sandboxImage]),
  ];
  return new Set(names.flatMap((name) => [name, canonicalImageName(name)]));
}
