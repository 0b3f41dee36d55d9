import assert from 'node:assert/strict';
import { it } from 'node:test';
import { containerSpecHash } from '../../../src/api/specHash.ts';
import { aContainer } from '../../support/pods.ts';

it('depends on name and image and on nothing else', () => {
  const hash = containerSpecHash(aContainer('app'));
  assert.equal(containerSpecHash(aContainer('app', { command: ['other'], workingDir: '/' })), hash);
  assert.notEqual(containerSpecHash(aContainer('other')), hash);
  assert.notEqual(containerSpecHash(aContainer('app', { image: 'localhost/busybox:2' })), hash);
});

it('stays the same across releases, or an upgrade would restart every container', () => {
  assert.equal(containerSpecHash({ name: 'app', image: 'localhost/busybox:1' }), '9c9b7cad');
});
