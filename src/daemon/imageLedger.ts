// What must be known of images over restarts: which ones this runner pulled, and which ones the version of each pod
// before the present one used, so that going back to it needs no registry.
import { podImages } from '../api/podImages.ts';
import { sourcesReady, type World } from '../core/world.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Kind, openKeptFile } from './keptFile.ts';

interface Versions {
  readonly hash: string;
  readonly images: readonly string[];
  readonly before: readonly string[];
}

interface Ledger {
  readonly pulled: readonly string[];
  readonly pods: { readonly [key: string]: Versions };
}

export interface ImageLedger {
  /** Names and ids of images that this runner pulled. */
  pulled(): readonly string[];
  /** Images of present and previous versions of pods. */
  kept(): readonly string[];
  notePulled(...names: readonly string[]): void;
  noteRemoved(...names: readonly string[]): void;
  /** Notes which pods there are; cheap where nothing changed. */
  noteWorld(world: World): void;
  /** Resolves when everything noted so far is on disk. */
  written(): Promise<void>;
}

/** Written at once: what was pulled is known to nobody else. */
const LEDGER: Kind<Ledger> = { what: 'which images are in use', decode, restMs: 0 };

export async function openImageLedger(file: string, log: Logger): Promise<ImageLedger> {
  const kept = await openKeptFile(file, LEDGER, log);
  let ledger = kept.initial;
  let sources: World['sources'] | undefined;

  function keep(next: Ledger): void {
    ledger = next;
    kept.keep(next);
  }

  return {
    pulled: () => ledger.pulled,
    kept: () => Object.values(ledger.pods).flatMap(({ images, before }) => [...images, ...before]),
    notePulled(...names) {
      const fresh = names.filter((name) => !ledger.pulled.includes(name));
      if (fresh.length > 0) keep({ ...ledger, pulled: [...ledger.pulled, ...fresh] });
    },
    noteRemoved(...names) {
      const pulled = ledger.pulled.filter((name) => !names.includes(name));
      if (pulled.length < ledger.pulled.length) keep({ ...ledger, pulled });
    },
    noteWorld(world) {
      if (world.sources === sources) return;
      sources = world.sources;
      const pods = versionsOf(world, ledger.pods);
      if (JSON.stringify(pods) !== JSON.stringify(ledger.pods)) keep({ ...ledger, pods });
    },
    written: kept.written,
  };
}

function versionsOf(world: World, before: Ledger['pods']): Ledger['pods'] {
  const given = Object.values(world.sources).flatMap((pods) => pods ?? []);
  const present = given.map((pod): [string, Versions] => {
    const known = before[pod.key];
    if (known?.hash === pod.hash) return [pod.key, known];
    return [pod.key, { hash: pod.hash, images: podImages(pod), before: known?.images ?? [] }];
  });
  // Until every source has delivered, what it gave before this start still counts.
  return Object.fromEntries([...(sourcesReady(world) ? [] : Object.entries(before)), ...present]);
}

function decode(value: unknown): Ledger {
  const { pulled, pods } = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly [key: string]: unknown;
  };
  const entries = typeof pods === 'object' && pods !== null ? Object.entries(pods) : [];
  return {
    pulled: texts(pulled),
    pods: Object.fromEntries(
      entries.flatMap(([key, entry]): [string, Versions][] => {
        const { hash, images, before } = (entry ?? {}) as { readonly [key: string]: unknown };
        return typeof hash === 'string' ? [[key, { hash, images: texts(images), before: texts(before) }]] : [];
      }),
    ),
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
