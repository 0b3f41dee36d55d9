import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hintForField, nearest } from '../../../src/manifest/suggest.ts';

const WORDS: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ['alwyas', ['Always', 'Never'], 'Always'],
  ['never', ['Always', 'Never'], 'Never'],
  ['empty-dir', ['emptyDir', 'hostPath'], 'emptyDir'],
  ['ifnotpresent', ['IfNotPresent'], 'IfNotPresent'],
  ['missing', ['Always', 'IfNotPresent', 'Never'], undefined],
  ['ab', ['ac'], undefined],
  ['tpc', ['TCP', 'UDP'], 'TCP'],
];

for (const [word, candidates, expected] of WORDS) {
  test(`"${word}" is nearest to ${expected}`, () => assert.equal(nearest(word, candidates), expected));
}

test('a field of another level says where it belongs', () => {
  assert.deepEqual(hintForField('Container', 'restartpolicy'), { suggestion: 'restartPolicy' });
  assert.deepEqual(hintForField('Container', 'hostAliases'), { advice: 'belongs to spec.hostAliases' });
  assert.deepEqual(hintForField('PodSpec', 'imagePullPolicy'), {
    advice: 'belongs to spec.containers[].imagePullPolicy',
  });
});

test('a field like no other gets no suggestion', () => assert.deepEqual(hintForField('PodSpec', 'qqqqqqqq'), {}));
