import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { err, ok, type Result } from '../../../src/lib/result.ts';
import { checkPayloadPath, nestedMountPoints, payloadMode, withFsGroup } from '../../../src/volume/payload.ts';
import { aContainer, aPod } from '../../support/pods.ts';

describe('S-FS-8 checkPayloadPath', () => {
  const cases: readonly (readonly [string, Result<string, string>])[] = [
    ['key', ok('key')],
    ['a//b/./c/', ok('a/b/c')],
    ['a..b/..c', ok('a..b/..c')],
    ['', err('path "" must be a relative path of a file')],
    ['/etc/passwd', err('path "/etc/passwd" must be a relative path of a file')],
    ['a/../b', err('path "a/../b" must not contain ".." and names longer than 255 bytes')],
    ['..data', err('path "..data" must not start with ".."')],
    ['a'.repeat(256), err(`path "${'a'.repeat(256)}" must not contain ".." and names longer than 255 bytes`)],
    ['a/'.repeat(2049), err(`path "${'a/'.repeat(2049)}" must be at most 4096 characters`)],
  ];
  for (const [path, expected] of cases) {
    it(`${expected.ok ? 'takes' : 'refuses'} ${path.slice(0, 20)}`, () =>
      assert.deepEqual(checkPayloadPath(path), expected));
  }

  it('refuses a way around through "./"', () => assert.equal(checkPayloadPath('./..data').ok, false));
});

describe('payload modes', () => {
  it("prefers the item's own, then the volume's, then 0644", () => {
    assert.deepEqual(
      [payloadMode(0o400, 0o600), payloadMode(undefined, 0o600), payloadMode(undefined, undefined)],
      [0o400, 0o600, 0o644],
    );
  });

  it('lets the group of the pod read', () => {
    const content = new Uint8Array();
    const payload = new Map([0o644, 0o600, 0o400].map((mode) => [mode.toString(8), { content, mode }]));
    const modes = [...withFsGroup(payload, 2000).values()].map((file) => file.mode.toString(8));
    assert.deepEqual(modes, ['644', '640', '440']);
    assert.equal(withFsGroup(payload, undefined), payload);
  });
});

describe('nestedMountPoints', () => {
  it('lists what other volumes need inside, parents first', () => {
    const mounts = [
      { name: 'info', mountPath: '/etc/info/' },
      { name: 'data', mountPath: '/etc/info/z/data' },
      { name: 'more', mountPath: '/etc//info/z' },
      { name: 'beside', mountPath: '/etc/information' },
      { name: 'escaping', mountPath: '/etc/info/../x' },
    ];
    const pod = aPod({ spec: { containers: [aContainer('app', { volumeMounts: mounts })] } });
    assert.deepEqual(nestedMountPoints(pod, 'info'), ['z', 'z/data']);
    assert.deepEqual(nestedMountPoints(pod, 'data'), []);
  });

  it('leaves a part of a volume alone', () => {
    const mounts = [
      { name: 'info', mountPath: '/etc/info', subPath: 'x' },
      { name: 'data', mountPath: '/etc/info/data' },
    ];
    const pod = aPod({ spec: { containers: [aContainer('app', { volumeMounts: mounts })] } });
    assert.deepEqual(nestedMountPoints(pod, 'info'), []);
  });
});
