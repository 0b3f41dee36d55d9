import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pending, type Readiness, type Sighting, settle } from '../../../src/source/settle.ts';

const WRITTEN: Sighting = { signature: 'b', isEmpty: false, ageMs: 5, isMovedIn: false };

const CASES: readonly {
  readonly name: string;
  readonly seen: Sighting;
  readonly before?: Pending;
  readonly nowMs: number;
  readonly expected: Readiness;
}[] = [
  {
    name: 'A file written long ago is ready at once',
    seen: { ...WRITTEN, ageMs: 300 },
    nowMs: 1_000,
    expected: { isReady: true },
  },
  {
    name: 'A file written just now has to rest',
    seen: WRITTEN,
    nowMs: 1_000,
    expected: { isReady: false, pending: { signature: 'b', sinceMs: 1_000, firstMs: 1_000 }, againMs: 300 },
  },
  {
    name: 'A file renamed into place is ready at once',
    seen: { ...WRITTEN, isMovedIn: true },
    nowMs: 1_000,
    expected: { isReady: true },
  },
  {
    name: 'An empty file that came under its name has to rest: its content may follow',
    seen: { ...WRITTEN, isMovedIn: true, isEmpty: true },
    nowMs: 1_000,
    expected: { isReady: false, pending: { signature: 'b', sinceMs: 1_000, firstMs: 1_000 }, againMs: 300 },
  },
  {
    name: 'Another write starts the rest anew',
    seen: WRITTEN,
    before: { signature: 'a', sinceMs: 900, firstMs: 900 },
    nowMs: 1_000,
    expected: { isReady: false, pending: { signature: 'b', sinceMs: 1_000, firstMs: 900 }, againMs: 300 },
  },
  {
    name: 'A file that rested is ready whatever its stamp says',
    seen: { ...WRITTEN, ageMs: -86_400_000 },
    before: { signature: 'b', sinceMs: 700, firstMs: 600 },
    nowMs: 1_000,
    expected: { isReady: true },
  },
  {
    name: 'A file still resting is looked at again when the rest is over',
    seen: WRITTEN,
    before: { signature: 'b', sinceMs: 900, firstMs: 600 },
    nowMs: 1_000,
    expected: { isReady: false, pending: { signature: 'b', sinceMs: 900, firstMs: 600 }, againMs: 200 },
  },
  {
    name: 'A file that never rests is read when patience ends',
    seen: WRITTEN,
    before: { signature: 'a', sinceMs: 10_900, firstMs: 1_000 },
    nowMs: 11_000,
    expected: { isReady: true },
  },
];

for (const { name, seen, before, nowMs, expected } of CASES) {
  test(name, () => assert.deepEqual(settle(seen, before, nowMs), expected));
}
