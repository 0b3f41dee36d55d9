import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GuardSettings, heldBy } from '../../../src/daemon/removalGuard.ts';

const SETTINGS: GuardSettings = { allowEmpty: false, maxRemovalPercent: 50 };

const CASES: readonly {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly step?: { readonly isReplaced?: boolean; readonly saysEmpty?: boolean };
  readonly settings?: Partial<GuardSettings>;
  readonly held: string;
}[] = [
  { name: 'the only pod may be removed', before: 'a', after: '', held: '' },
  { name: 'one of two may be removed', before: 'ab', after: 'a', held: '' },
  { name: 'two of three may be removed', before: 'abc', after: 'a', held: '' },
  { name: 'both of two are held', before: 'ab', after: '', held: 'ab' },
  { name: 'three of six may be removed', before: 'abcdef', after: 'def', held: '' },
  { name: 'three of five are held', before: 'abcde', after: 'de', held: 'abc' },
  { name: 'another share can be set', before: 'abcde', after: 'de', settings: { maxRemovalPercent: 60 }, held: '' },
  { name: 'new names take the place of old ones', before: 'abcd', after: 'efgh', held: '' },
  { name: 'fewer new names than old ones do not', before: 'abcde', after: 'xe', held: 'abcd' },
  {
    name: 'an empty place that took the place of another holds even one',
    before: 'a',
    after: '',
    step: { isReplaced: true },
    held: 'a',
  },
  { name: 'a list without items means it', before: 'abc', after: '', step: { saysEmpty: true }, held: '' },
  { name: 'allowEmpty holds nothing', before: 'abc', after: '', settings: { allowEmpty: true }, held: '' },
  { name: 'more pods are no trouble', before: 'a', after: 'abcd', held: '' },
];

for (const { name, before, after, step, settings, held } of CASES) {
  test(name, () => {
    const sets = { before: new Set(before), after: new Set(after) };
    const found = heldBy({ ...sets, isReplaced: false, saysEmpty: false, ...step }, { ...SETTINGS, ...settings });
    assert.equal(found.join(''), held);
  });
}
