// Simulated time: what is due runs in order, and time jumps from one to the next. Two clocks, as on a real machine:
// the wall clock can be set, the other one never jumps.
import type { Instant } from '../../src/api/time.ts';

const EPOCH = Date.UTC(2026, 0, 1);

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Clock {
  #mono = 1_000;
  #wallAhead = EPOCH;
  #order = 0;
  readonly #heap: Due[] = [];

  now(): Instant {
    return { wall: this.#mono + this.#wallAhead, mono: this.#mono };
  }

  /** Somebody sets the wall clock. */
  jump(ms: number): void {
    this.#wallAhead += ms;
  }

  after(ms: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at: this.#mono + ms, order: this.#order++, run });
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfLater(parent, i)) break;
      i = parent;
    }
  }

  /** Runs what is due next. @returns false when nothing is */
  step(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    this.#mono = Math.max(this.#mono, first.at);
    first.run();
    return true;
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      const child = right < this.#heap.length && this.#isEarlier(right, left) ? right : left;
      if (child >= this.#heap.length || !this.#swapIfLater(i, child)) return;
      i = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const x = this.#heap[a];
    const y = this.#heap[b];
    if (x === undefined || y === undefined) return false;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }

  #swapIfLater(parent: number, child: number): boolean {
    const above = this.#heap[parent];
    const below = this.#heap[child];
    if (above === undefined || below === undefined || !this.#isEarlier(child, parent)) return false;
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}
