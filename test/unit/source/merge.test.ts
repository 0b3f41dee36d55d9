import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Known, Verdict } from '../../../src/source/inspect.ts';
import { type Found, type Merged, merge } from '../../../src/source/merge.ts';

const AT = { atMs: 10_000, replacedAtMs: Number.NEGATIVE_INFINITY };

function known(location: string, over: Partial<Known> = {}): Known {
  const file = { location, digest: `sha256:${location}`, bytes: Buffer.from(location) };
  return { accepted: { signature: '1', file, isFresh: false }, pending: undefined, missingSinceMs: undefined, ...over };
}

function found(location: string, verdict?: Verdict): Found {
  return { location, verdict: verdict ?? { kind: 'file', known: known(location), againMs: undefined } };
}

function summary({ files, skipped, againMs, known: memory }: Merged) {
  return { files: files.map((f) => f.location), skipped, againMs, remembered: [...memory.keys()] };
}

test('Files come in the order of their bytes', () => {
  const merged = merge(
    new Map(),
    ['/m/b', '/m/ä', '/m/B', '/m/\u{1f600}', '/m/\uffee'].map((l) => found(l)),
    AT,
  );
  assert.deepEqual(summary(merged).files, ['/m/B', '/m/b', '/m/ä', '/m/\uffee', '/m/\u{1f600}']);
});

test('A file that just vanished counts until it has been missing for a while', () => {
  const before = new Map([['/m/a', known('/m/a')]]);
  const first = merge(before, [found('/m/b')], AT);
  assert.deepEqual(summary(first), {
    files: ['/m/a', '/m/b'],
    skipped: [],
    againMs: 200,
    remembered: ['/m/b', '/m/a'],
  });
  const second = merge(first.known, [found('/m/b')], { ...AT, atMs: 10_150 });
  assert.deepEqual(summary(second).againMs, 50);
  const third = merge(second.known, [found('/m/b')], { ...AT, atMs: 10_200 });
  assert.deepEqual(summary(third), { files: ['/m/b'], skipped: [], againMs: undefined, remembered: ['/m/b'] });
});

test('A file that comes back starts no removal', () => {
  const before = new Map([['/m/a', known('/m/a', { missingSinceMs: 9_900 })]]);
  const back = merge(before, [found('/m/a')], AT);
  assert.equal(back.known.get('/m/a')?.missingSinceMs, undefined);
});

test('In a directory that took the place of another, missing files have longer', () => {
  const before = new Map([['/m/a', known('/m/a')]]);
  const merged = merge(before, [found('/m/b')], { atMs: 10_000, replacedAtMs: 9_000 });
  assert.deepEqual(summary(merged).files, ['/m/a', '/m/b']);
  assert.equal(merged.againMs, 4_000);
});

test('A file that cannot be read is skipped as failed and what is known of it stays', () => {
  const before = new Map([['/m/a', known('/m/a')]]);
  const verdict: Verdict = { kind: 'failed', reason: 'cannot be read: permission denied (EACCES)' };
  assert.deepEqual(summary(merge(before, [found('/m/a', verdict)], AT)), {
    files: [],
    skipped: [{ location: '/m/a', kind: 'failed', reason: 'cannot be read: permission denied (EACCES)' }],
    againMs: undefined,
    remembered: ['/m/a'],
  });
});

test('A file that turned into a directory is ignored and forgotten', () => {
  const before = new Map([['/m/a', known('/m/a')]]);
  const merged = merge(before, [found('/m/a', { kind: 'ignored', reason: 'is a directory' })], AT);
  assert.deepEqual(summary(merged), {
    files: [],
    skipped: [{ location: '/m/a', kind: 'ignored', reason: 'is a directory' }],
    againMs: undefined,
    remembered: [],
  });
});

test('A file in the middle of a write keeps its last content, and a new one waits for its first', () => {
  const pending = { signature: '2', sinceMs: 9_900, firstMs: 9_900 };
  const changed: Verdict = { kind: 'file', known: known('/m/a', { pending }), againMs: 200 };
  const fresh: Verdict = { kind: 'file', known: known('/m/b', { accepted: undefined, pending }), againMs: 150 };
  const merged = merge(new Map([['/m/a', known('/m/a')]]), [found('/m/a', changed), found('/m/b', fresh)], AT);
  assert.deepEqual(summary(merged), { files: ['/m/a'], skipped: [], againMs: 150, remembered: ['/m/a', '/m/b'] });
});
