import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { cleanPath, hasControlCharacter, hasDotDot, hasNul, isIpAddress } from '../../../src/manifest/names.ts';

const ADDRESSES = [
  '1.2.3.4',
  '0.0.0.0',
  '255.255.255.255',
  '256.1.1.1',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '1.2.3.4 ',
  '',
  '::',
  '::1',
  'fe80::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7::',
  '::ffff:1.2.3.4',
  '::ffff:1.2.3.400',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  'g::',
  ':',
  ':::',
  '1:',
  ':1',
  '1.2.3.4::',
];

for (const address of ADDRESSES) {
  test(`"${address}" is judged as the system does`, () => assert.equal(isIpAddress(address), isIP(address) !== 0));
}

test('an address with a zone is not for a pod', () => assert.equal(isIpAddress('fe80::1%eth0'), false));

test('only whole elements are ".."', () => {
  assert.deepEqual(['..', 'a/..', '../a', 'a/../b', 'a..b', '..a', '...'].map(hasDotDot), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('paths are compared without doubled, trailing and "." elements', () => {
  assert.deepEqual(['/data/', '//data', '/./data/.', 'data/', '/'].map(cleanPath), [
    '/data',
    '/data',
    '/data',
    'data',
    '/',
  ]);
});

test('control characters are found', () => {
  assert.deepEqual(['a', 'a\n', 'a\u007f', 'é'].map(hasControlCharacter), [false, true, true, false]);
  assert.deepEqual(['a', 'a\u0000'].map(hasNul), [false, true]);
});
