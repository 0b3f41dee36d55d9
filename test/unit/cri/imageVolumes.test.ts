import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoImageVolumes } from '../../../src/cri/imageVolumes.ts';

const WHOLE = 'image volumes need containerd 2.1 or CRI-O 1.31, the container runtime is';
const PART = 'a subPath of an image volume needs containerd 2.2 or CRI-O 1.33, the container runtime is';

const RUNTIMES: readonly (readonly [name: string, version: string, whole: boolean, part: boolean])[] = [
  ['containerd', '1.6.20~ds1', false, false],
  ['containerd', '1.7.24', false, false],
  ['containerd', '2.0.9', false, false],
  ['containerd', '2.1.9', true, false],
  ['containerd', 'v2.2.0-rc.1', true, true],
  ['containerd', '3.0.0', true, true],
  ['cri-o', '1.30.9', false, false],
  ['cri-o', '1.31.0', true, false],
  ['cri-o', '1.33.0', true, true],
  ['something-else', '0.1', true, true],
  ['containerd', 'unknown', true, true],
];

for (const [name, version, whole, part] of RUNTIMES) {
  const can = part ? 'images and parts of them' : whole ? 'whole images only' : 'no images';
  test(`${name} ${version} mounts ${can} as volumes, as far as is known`, () => {
    const runtime = { name, version };
    assert.equal(whyNoImageVolumes(runtime, { inPart: false }), whole ? undefined : `${WHOLE} ${name} ${version}`);
    assert.equal(whyNoImageVolumes(runtime, { inPart: true }), part ? undefined : `${PART} ${name} ${version}`);
  });
}
