import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSelector } from '../../../src/cli/selector.ts';

const LABELS = { app: 'web', 'example.com/tier': 'front', empty: '' };

describe('label selectors', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['app=web', true],
    ['app==web', true],
    ['app=db', false],
    ['app!=db', true],
    ['none!=db', true],
    ['app', true],
    ['none', false],
    ['!none', true],
    ['!app', false],
    ['empty=', true],
    ['example.com/tier in (front, back)', true],
    ['app in (a,b),app', false],
    ['app notin (a,b), example.com/tier=front', true],
    ['none notin (a)', true],
    ['none in (a)', false],
    ['constructor', false],
  ];
  for (const [text, expected] of cases) {
    it(`${text} is ${expected}`, () => {
      const selector = parseSelector(text);
      assert.ok(selector.ok);
      assert.equal(selector.value(LABELS), expected);
    });
  }

  for (const text of ['', 'a b', 'app in web', '=x', 'a=b,,c', 'a=(b']) {
    it(`"${text}" is refused as wrong usage`, () => {
      const selector = parseSelector(text);
      assert.ok(!selector.ok);
      assert.equal(selector.error.exitCode, 2);
    });
  }
});
