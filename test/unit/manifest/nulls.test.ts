import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutNulls } from '../../../src/manifest/nulls.ts';

test('a null field is as if it were not there', () => {
  assert.deepEqual(withoutNulls({ spec: { a: null, b: [{ c: null, d: 1 }] } }), { spec: { b: [{ d: 1 }] } });
});

test('a null in a map of strings is the empty string, in a map of quantities nothing', () => {
  const given = { metadata: { labels: { a: null } }, spec: { nodeSelector: { b: null }, limits: { cpu: null } } };
  assert.deepEqual(withoutNulls(given), {
    metadata: { labels: { a: '' } },
    spec: { nodeSelector: { b: '' }, limits: {} },
  });
});

test('nulls in lists stay, for the schema to refuse', () => {
  assert.deepEqual(withoutNulls({ spec: { args: [null] } }), { spec: { args: [null] } });
});

test('null metadata stays, for the schema to refuse', () => {
  assert.deepEqual(withoutNulls({ metadata: null, spec: null }), { metadata: null });
});

test('data without nulls come back as they are', () => {
  const data = { spec: { containers: [{ name: 'a' }] } };
  assert.equal(withoutNulls(data), data);
});
