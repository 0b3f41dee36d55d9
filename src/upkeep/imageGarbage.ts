// Which images may go when the disk fills up, and in which order. Pure.
// Rule: kubelet image_gc_manager: above the high mark of disk usage, unused images go, the longest unused first, until
// usage would be at the low mark; images younger than the minimum age stay; with a maximum age, older unused ones go anyway.
import { parseImageRef } from '../api/imageRef.ts';
import type { MonoMs } from '../api/time.ts';

export interface StoredImage {
  readonly id: string;
  /** Tags and digests that it is known by. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** The runtime itself needs it. */
  readonly pinned: boolean;
}

/** Since this start. What was there at the first look has always been there. */
export interface ImageHistory {
  readonly firstSeen: MonoMs;
  readonly lastUsed: MonoMs;
}

export type ImageHistories = ReadonlyMap<string, ImageHistory>;

export interface ImageRules {
  readonly highPercent: number;
  readonly lowPercent: number;
  readonly minAgeMs: number;
  /** 0: none. */
  readonly maxAgeMs: number;
}

export interface DiskSpace {
  readonly capacityBytes: number;
  readonly availableBytes: number;
}

export interface ImageFacts {
  readonly images: readonly StoredImage[];
  readonly histories: ImageHistories;
  /** Names and ids that pods, their previous versions, containers, the image folder or the runtime need. */
  readonly needed: ReadonlySet<string>;
  /** Names and ids of images that may be removed at all; undefined: all. */
  readonly own: ReadonlySet<string> | undefined;
  readonly disk: DiskSpace;
  readonly now: MonoMs;
}

export interface ImageGarbage {
  /** In this order, until enough is free. */
  readonly remove: readonly StoredImage[];
  /** What was to become free; 0 where only age counted. */
  readonly goalBytes: number;
  /** What of it can't become free. */
  readonly shortBytes: number;
}

/** @param isFirst nothing is known of what was before */
export function noteImages(
  before: ImageHistories,
  { images, needed, now }: Pick<ImageFacts, 'images' | 'needed' | 'now'>,
  { isFirst }: { readonly isFirst: boolean },
): ImageHistories {
  const next = new Map<string, ImageHistory>();
  for (const image of images) {
    const known = before.get(image.id) ?? {
      firstSeen: isFirst ? Number.NEGATIVE_INFINITY : now,
      lastUsed: Number.NEGATIVE_INFINITY,
    };
    next.set(image.id, isOneOf(image, needed) ? { ...known, lastUsed: now } : known);
  }
  return next;
}

export function planImageGarbage(facts: ImageFacts, rules: ImageRules): ImageGarbage {
  const { disk, now } = facts;
  const candidates = unusedImages(facts, rules);
  const { maxAgeMs } = rules;
  const isOld = ({ id }: StoredImage): boolean => maxAgeMs > 0 && now - sinceWhen(facts, id) > maxAgeMs;
  const usedPercent = disk.capacityBytes > 0 ? 100 - (disk.availableBytes / disk.capacityBytes) * 100 : 0;
  const isFull = rules.highPercent < 100 && usedPercent >= rules.highPercent;
  const goalBytes = isFull
    ? Math.max(0, (disk.capacityBytes * (100 - rules.lowPercent)) / 100 - disk.availableBytes)
    : 0;
  return upTo(candidates, { goalBytes, also: isOld });
}

/** Every unused image that is old enough, as when the node is under pressure. */
export function allUnusedImages(facts: ImageFacts, rules: ImageRules): ImageGarbage {
  return { remove: unusedImages(facts, rules), goalBytes: 0, shortBytes: 0 };
}

/** One spelling for one image: with registry and tag. Ids stay as they are. */
export function canonicalImageName(text: string): string {
  const parsed = parseImageRef(text);
  if (!parsed.ok || /^sha256:[0-9a-f]{64}$/.test(text)) return text;
  const { domain, path, tag, digest } = parsed.value;
  if (digest !== undefined) return `${domain}/${path}@${digest}`;
  return `${domain}/${path}:${tag ?? 'latest'}`;
}

function unusedImages(
  { images, histories, needed, own, now }: ImageFacts,
  { minAgeMs }: ImageRules,
): readonly StoredImage[] {
  const of = (id: string): ImageHistory => histories.get(id) ?? { firstSeen: now, lastUsed: now };
  return images
    .filter((image) => !image.pinned && !isOneOf(image, needed))
    .filter((image) => own === undefined || isOneOf(image, own))
    .filter(({ id }) => now - of(id).firstSeen >= minAgeMs)
    .sort(
      (a, b) =>
        compare(of(a.id).lastUsed, of(b.id).lastUsed) ||
        compare(of(a.id).firstSeen, of(b.id).firstSeen) ||
        (a.id < b.id ? -1 : 1),
    );
}

function upTo(
  candidates: readonly StoredImage[],
  { goalBytes, also }: { readonly goalBytes: number; readonly also: (image: StoredImage) => boolean },
): ImageGarbage {
  const remove: StoredImage[] = [];
  let freed = 0;
  for (const image of candidates) {
    if (freed >= goalBytes && !also(image)) continue;
    remove.push(image);
    freed += image.sizeBytes;
  }
  return { remove, goalBytes, shortBytes: Math.max(0, goalBytes - freed) };
}

/** When its age without use began: at its last use, or when this runner first saw it. */
function sinceWhen({ histories, now }: ImageFacts, id: string): MonoMs {
  const { firstSeen = now, lastUsed = now } = histories.get(id) ?? {};
  // What was there before the first look ages from the runner's own start, the zero of this clock.
  return Math.max(firstSeen, lastUsed, 0);
}

function isOneOf({ id, names }: StoredImage, set: ReadonlySet<string>): boolean {
  return set.has(id) || names.some((name) => set.has(canonicalImageName(name)));
}

/** Also right for infinities, whose difference is no number. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
