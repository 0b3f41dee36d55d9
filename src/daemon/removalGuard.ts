// Whether so many pods of one source vanish in one step that a person should say so first. Pure.
// Deleting a file is how a pod is removed; a wiped directory, a wrong mount and a server that lists nothing look the
// same, only larger.

export interface GuardSettings {
  /** Nothing is ever held. */
  readonly allowEmpty: boolean;
  /** Percent of a source's pods that may vanish in one step. */
  readonly maxRemovalPercent: number;
}

export interface Step {
  /** Keys of the pods that were given before, those that are held already left out. */
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
  /** The source lists nothing, and stands where another one stood that gave these pods. */
  readonly isReplaced: boolean;
  /** The source itself says that it means to be empty: a list without items. */
  readonly saysEmpty: boolean;
}

/** Fewer are everyday work, whatever their share. */
const ALL_MIN = 2;
const SHARE_MIN = 3;

/** @returns the keys that must not go yet */
export function heldBy(step: Step, { allowEmpty, maxRemovalPercent }: GuardSettings): readonly string[] {
  const { before, after, isReplaced, saysEmpty } = step;
  const lost = [...before].filter((key) => !after.has(key));
  if (allowEmpty || saysEmpty || lost.length === 0) return [];
  if (isReplaced) return lost;
  // What comes in the same step takes the place of what goes: a renamed pod is not a lost one.
  const gained = [...after].filter((key) => !before.has(key)).length;
  const missing = lost.length - gained;
  const isAll = after.size === 0 && missing >= ALL_MIN;
  const isShare = missing >= SHARE_MIN && missing * 100 > before.size * maxRemovalPercent;
  return isAll || isShare ? lost : [];
}
