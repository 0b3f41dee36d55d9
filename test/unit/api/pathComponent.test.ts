import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPathComponent } from '../../../src/api/pathComponent.ts';

describe('isPathComponent', () => {
  for (const name of ['a', 'a.b', '...', '..data', '-', 'ä', 'x'.repeat(255)]) {
    it(`takes ${JSON.stringify(name)}`, () => assert.equal(isPathComponent(name), true));
  }
  for (const name of ['', '.', '..', 'a/b', '/', '../x', 'a\0', 'x'.repeat(256), 'ä'.repeat(128)]) {
    it(`refuses ${JSON.stringify(name)}`, () => assert.equal(isPathComponent(name), false));
  }
});
