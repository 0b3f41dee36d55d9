import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact } from '../../../src/telemetry/redact.ts';

const CASES: readonly { readonly name: string; readonly value: unknown; readonly expected: unknown }[] = [
  {
    name: 'Values under secret keys, at any depth and in any spelling',
    value: { a: [{ Password: 'x', 'api-key': 'x', identity_token: 'x', name: 'ok' }], stringData: { k: 'x' } },
    expected: {
      a: [{ Password: '[redacted]', 'api-key': '[redacted]', identity_token: '[redacted]', name: 'ok' }],
      stringData: '[redacted]',
    },
  },
  {
    name: 'Environment and header lists as a whole',
    value: { env: [{ name: 'A', value: 'x' }], httpHeaders: [{ name: 'A', value: 'x' }], envs: [] },
    expected: { env: '[redacted]', httpHeaders: '[redacted]', envs: '[redacted]' },
  },
  {
    name: 'That a secret is absent is shown',
    value: { token: '', auth: undefined },
    expected: { token: '', auth: undefined },
  },
  {
    name: 'Credentials in URLs',
    value: 'get https://me:pw@host/p?node=a&access_token=abc#x from http://host/',
    expected: 'get https://[redacted]@host/p?node=a&access_token=[redacted]#x from http://host/',
  },
  { name: 'Authorization in text', value: 'sent Bearer abc.def-ghi now', expected: 'sent Bearer [redacted] now' },
  {
    name: 'Images with digests are no credentials',
    value: 'docker.io/a/b@sha256:abc',
    expected: 'docker.io/a/b@sha256:abc',
  },
  { name: 'Bytes by their number', value: { body: new Uint8Array(3) }, expected: { body: '[3 bytes]' } },
  { name: 'Big integers as text', value: { startedAt: 2n ** 60n }, expected: { startedAt: '1152921504606846976' } },
  {
    name: 'Long lists are cut',
    value: Array.from({ length: 102 }, () => 1),
    expected: [...Array.from({ length: 100 }, () => 1), '[2 more]'],
  },
];

for (const { name, value, expected } of CASES) {
  test(name, () => assert.deepEqual(redact(value), expected));
}

test('Data that contains itself ends', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  assert.match(JSON.stringify(redact(loop)), /deeper/);
});

test('Long text is cut', () => {
  assert.match(String(redact('x'.repeat(10_000))), /^x{8192}… \(10000 characters\)$/);
});
