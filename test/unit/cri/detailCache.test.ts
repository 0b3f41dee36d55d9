import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createDetailCache } from '../../../src/cri/detailCache.ts';

it('gives a detail only for the state it was read in', () => {
  const cache = createDetailCache<string>();
  cache.set('id', { state: 'RUNNING', detail: 'running' });
  assert.deepEqual(
    [cache.get('id', 'RUNNING'), cache.get('id', 'EXITED'), cache.peek('id')],
    ['running', undefined, 'running'],
  );
  cache.set('id', { state: 'EXITED', detail: 'exited' });
  assert.deepEqual([cache.get('id', 'RUNNING'), cache.get('id', 'EXITED')], [undefined, 'exited']);
});

it('forgets what is gone', () => {
  const cache = createDetailCache<string>();
  for (const id of ['a', 'b', 'c']) cache.set(id, { state: '', detail: id });
  cache.retain(new Set(['b']));
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => cache.peek(id)),
    [undefined, 'b', undefined],
  );
});

it('drops the oldest when it is full', () => {
  const cache = createDetailCache<number>();
  for (let id = 0; id <= 20_000; id += 1) cache.set(String(id), { state: '', detail: id });
  assert.deepEqual([cache.peek('0'), cache.peek('1'), cache.peek('20000')], [undefined, 1, 20_000]);
});
