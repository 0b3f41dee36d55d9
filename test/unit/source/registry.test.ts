import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSources, type SourceSpec } from '../../../src/source/registry.ts';
import { startWatching, texts } from './watching.ts';

const OPTIONS = {
  fileCheckMs: 60_000,
  httpCheckMs: 60_000,
  now: () => ({ wall: 0, mono: 0 }),
  warn: () => {},
  isSigned: false,
  http: { timeoutMs: 500 },
};

test('Sources keep the order in which they are named, and each place counts once', () => {
  const specs: readonly SourceSpec[] = [
    { kind: 'stdin', bytes: Buffer.from('x') },
    { kind: 'url', url: new URL('http://host/p?a=1'), headers: {} },
    { kind: 'path', path: '/m/' },
    { kind: 'path', path: '/m/../m' },
    { kind: 'url', url: new URL('http://host/p?a=2'), headers: {} },
  ];
  const ids = createSources(specs, OPTIONS).map(({ id }) => id.replace(/#.*/, '#…'));
  assert.deepEqual(ids, ['-', 'http://host/p?a=xxxxx#…', 'file:/m', 'http://host/p?a=xxxxx#…']);
});

test('Standard input is one set for ever', async (t) => {
  const [source] = createSources([{ kind: 'stdin', bytes: Buffer.from('kind: Pod') }], OPTIONS);
  assert.ok(source);
  const watching = startWatching(t, source);
  assert.deepEqual(texts(await watching.next()), { '-': 'kind: Pod' });
  await watching.stop();
  assert.equal(watching.all.length, 1);
});
