import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expand } from '../../../src/api/expansion.ts';

const variables = new Map([
  ['A', 'first'],
  ['EMPTY', ''],
  ['REF', '$(A)'],
  ['with.dot-and space', 'odd'],
]);
const lookup = (name: string): string | undefined => variables.get(name);

describe('expand', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['plain', 'plain'],
    ['$(A)', 'first'],
    ['x$(A)y$(A)z', 'xfirstyfirstz'],
    ['$(EMPTY)', ''],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$()', '$()'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$first'],
    ['$$$$(A)', '$$(A)'],
    ['$(REF)', '$(A)'],
    ['$(A', '$(A'],
    ['$(A$(A)', '$(A$(A)'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$A', '$A'],
    ['$A$(A)', '$Afirst'],
    ['\u0024{A}', '\u0024{A}'],
    ['$(with.dot-and space)', 'odd'],
    ['$(A))', 'first)'],
  ];
  for (const [text, expected] of cases) {
    it(`turns ${JSON.stringify(text)} into ${JSON.stringify(expected)}`, () => {
      assert.equal(expand(text, lookup), expected);
    });
  }

  it('keeps any text that has no dollar sign', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => expand(text, lookup) === text,
      ),
    );
  });

  it('gives back any text whose dollar signs were doubled', () => {
    fc.assert(fc.property(fc.string(), (text) => expand(text.replaceAll('$', '$$$$'), lookup) === text));
  });
});
