import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPullPolicy, parseImageRef, runtimeImageName } from '../../../src/api/imageRef.ts';

const SHA = `sha256:${'a'.repeat(64)}`;

const GOOD = [
  ['nginx', { domain: 'docker.io', path: 'library/nginx' }],
  ['nginx:1.27', { domain: 'docker.io', path: 'library/nginx', tag: '1.27' }],
  ['me/app', { domain: 'docker.io', path: 'me/app' }],
  ['docker.io/nginx', { domain: 'docker.io', path: 'library/nginx' }],
  ['localhost/busybox:1', { domain: 'localhost', path: 'busybox', tag: '1' }],
  ['localhost:5000/a/b__c:x', { domain: 'localhost:5000', path: 'a/b__c', tag: 'x' }],
  ['registry.k8s.io/pause:3.9', { domain: 'registry.k8s.io', path: 'pause', tag: '3.9' }],
  ['[::1]:5000/app', { domain: '[::1]:5000', path: 'app' }],
  [`quay.io/a/b@${SHA}`, { domain: 'quay.io', path: 'a/b', digest: SHA }],
  [`quay.io/a/b:v1@${SHA}`, { domain: 'quay.io', path: 'a/b', tag: 'v1', digest: SHA }],
  ['HOST/app', { domain: 'HOST', path: 'app' }],
] as const;

for (const [text, expected] of GOOD) {
  test(`reads ${text}`, () => assert.deepEqual(parseImageRef(text), { ok: true, value: expected }));
}

const FORMAT = 'invalid reference format';
const LOWER = 'invalid reference format: repository name must be lowercase';
const BAD = [
  ['', FORMAT],
  ['Nginx', LOWER],
  ['UPPER/Bad::name', LOWER],
  ['nginx:', FORMAT],
  ['nginx::1', FORMAT],
  ['a//b', FORMAT],
  ['/a', FORMAT],
  ['a/', FORMAT],
  ['a b', FORMAT],
  ['-a', FORMAT],
  ['a:-tag', FORMAT],
  [`a:${'t'.repeat(129)}`, FORMAT],
  ['a@sha256:123', 'invalid checksum digest length'],
  ['a@nonsense', FORMAT],
  ['host_name.io/a', FORMAT],
  ['a'.repeat(256), 'repository name must not be more than 255 characters'],
  ['b'.repeat(64), `invalid repository name (${'b'.repeat(64)}), cannot be 64 hexadecimal digits`],
] as const;

for (const [text, error] of BAD) {
  test(`refuses ${text.slice(0, 30)}`, () => assert.deepEqual(parseImageRef(text), { ok: false, error }));
}

test('the runtime gets the name as written, with ":latest" when nothing else is said', () => {
  const names = ['nginx', 'nginx:1', `nginx@${SHA}`, 'localhost:5000/a', 'localhost:5000/a:1'].map(runtimeImageName);
  assert.deepEqual(names, ['nginx:latest', 'nginx:1', `nginx@${SHA}`, 'localhost:5000/a:latest', 'localhost:5000/a:1']);
});

test('"latest" is always pulled, everything else when it is not there', () => {
  const images = ['nginx', 'nginx:latest', 'nginx:1', `nginx@${SHA}`, `nginx:latest@${SHA}`, 'Not An Image'];
  assert.deepEqual(images.map(defaultPullPolicy), [
    'Always',
    'Always',
    'IfNotPresent',
    'IfNotPresent',
    'Always',
    'IfNotPresent',
  ]);
});
