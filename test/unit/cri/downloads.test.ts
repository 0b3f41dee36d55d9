import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PullProgress } from '../../../src/api/pullProgress.ts';
import { createDownloads } from '../../../src/cri/downloads.ts';
import type { ReadIngest } from '../../../src/cri/messages.ts';
import { eventually } from '../../support/eventually.ts';

/** A runtime whose downloads the test sets, and who asked how often. */
function scene() {
  const state: { ingests: readonly ReadIngest[] | undefined; asked: number } = { ingests: [], asked: 0 };
  const downloads = createDownloads(async () => {
    state.asked += 1;
    return state.ingests;
  }, 1);
  /** Waits until everything that is set has been asked for. */
  const settled = async (): Promise<void> => {
    const from = state.asked;
    await eventually(
      async () => state.asked,
      (asked) => asked > from + 2,
    );
  };
  const set = (blobs: { readonly [ref: string]: number }): Promise<void> => {
    state.ingests = Object.entries(blobs).map(([ref, offset]) => ({ ref, offset: BigInt(offset) }));
    return settled();
  };
  return { state, downloads, set };
}

test('what was fetched is counted over all blobs, those that are complete included, and told when it changes', async () => {
  const { downloads, set } = scene();
  const told: PullProgress[] = [];
  const end = downloads.follow((progress) => told.push(progress));
  await set({ a: 10 });
  await set({ a: 30, b: 5 });
  await set({ b: 7 });
  end();
  assert.deepEqual(
    told.filter(({ bytes }, index) => bytes !== told[index - 1]?.bytes),
    [10, 35, 37].map((bytes) => ({ bytes, isShared: false })),
  );
});

test('pulls that overlap share one count, and say so until the last of them has ended', async () => {
  const { downloads, set } = scene();
  const told: PullProgress[] = [];
  const ends = [downloads.follow((progress) => told.push(progress)), downloads.follow(() => undefined)];
  await set({ a: 1 });
  ends[1]?.();
  await set({ a: 2 });
  ends[0]?.();
  const end = downloads.follow((progress) => told.push(progress));
  await set({ c: 3 });
  end();
  assert.deepEqual(told.at(-1), { bytes: 3, isShared: false });
  assert.deepEqual(told.slice(0, 2), [
    { bytes: 1, isShared: true },
    { bytes: 2, isShared: true },
  ]);
});

test('nobody is asked while nothing is pulled, and a runtime that does not tell is asked once', async () => {
  const { state, downloads, set } = scene();
  const end = downloads.follow(() => undefined);
  await set({});
  end();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const { asked } = state;
  state.ingests = undefined;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(state.asked, asked);
  downloads.follow(() => undefined);
  await eventually(
    async () => state.asked,
    (now) => now === asked + 1,
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(state.asked, asked + 1);
});
