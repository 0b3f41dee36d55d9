import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VolumeMount } from '../../../src/api/kubernetes.ts';
import { err, ok, type Result } from '../../../src/lib/result.ts';
import { subPathOf } from '../../../src/volume/subPath.ts';

const ENVIRONMENT = new Map([
  ['POD', 'web'],
  ['EMPTY', ''],
  ['UP', '../..'],
  ['ROOT', '/etc'],
]);

describe('subPathOf', () => {
  const cases: readonly (readonly [Partial<VolumeMount>, Result<string | undefined, string>])[] = [
    [{}, ok(undefined)],
    [{ subPath: '', subPathExpr: '' }, ok(undefined)],
    [{ subPath: 'a/b' }, ok('a/b')],
    [{ subPath: '$(POD)' }, ok('$(POD)')],
    [{ subPathExpr: 'logs/$(POD)' }, ok('logs/web')],
    [{ subPathExpr: '$$(POD)' }, ok('$(POD)')],
    [{ subPathExpr: '$(B)/$(EMPTY)/$(A)/$(B)' }, err('missing value for A, B, EMPTY')],
    [{ subPath: '/etc' }, err('subPath "/etc" must not be an absolute path')],
    [{ subPathExpr: '$(ROOT)' }, err('subPath "/etc" must not be an absolute path')],
    [{ subPath: 'a/../../b' }, err('subPath "a/../../b" must not contain ".."')],
    [{ subPathExpr: 'a/$(UP)' }, err('subPath "a/../.." must not contain ".."')],
    [{ subPath: 'a..b' }, ok('a..b')],
  ];
  for (const [mount, expected] of cases) {
    it(`of ${JSON.stringify(mount)}`, () => {
      assert.deepEqual(subPathOf({ name: 'v', mountPath: '/v', ...mount }, ENVIRONMENT), expected);
    });
  }
});
