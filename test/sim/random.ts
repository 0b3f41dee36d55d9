// Chance from a seed: the same seed gives the same numbers on every machine. Generator: mulberry32.
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  int(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** Mostly short, sometimes long: an exponential spread around `mean`, at most ten times as much. */
  delay(mean: number): number;
}

export function seeded(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    next,
    chance: (probability) => next() < probability,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick(list) {
      const item = list[Math.floor(next() * list.length)];
      if (item === undefined) throw new Error('Cannot pick from an empty list');
      return item;
    },
    delay: (mean) => Math.min(-Math.log(1 - next()) * mean, 10 * mean),
  };
}
