import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyIgnored } from '../../../src/source/fileName.ts';

const MANIFESTS = ['web.yaml', 'web.yml', 'web.json', 'a b.yaml', '4913.yaml', 'web.bak.yaml', 'ü.yaml'];

for (const name of MANIFESTS) {
  test(`${name} is a manifest`, () => assert.equal(whyIgnored(name), undefined));
}

const LEFTOVERS: readonly (readonly [name: string, reason: string])[] = [
  ['.web.yaml.swp', 'is a dotfile'],
  ['..data', 'is a dotfile'],
  ['.hidden.yaml', 'is a dotfile'],
  ['web.yaml~', 'is an editor backup'],
  ['web.yaml.~1~', 'is an editor backup'],
  ['#web.yaml#', 'is an editor auto-save file'],
  ['web.yaml.swp', 'is an editor swap file'],
  ['web.yaml.bak', 'is a backup or temporary file'],
  ['web.yaml.tmp', 'is a backup or temporary file'],
  ['web.yaml.dpkg-old', 'is a leftover of the package manager'],
  ['web.yaml.dpkg-dist', 'is a leftover of the package manager'],
  ['web.yaml.ucf-dist', 'is a leftover of the package manager'],
  ['web.yaml.rpmsave', 'is a leftover of the package manager'],
  ['4913', 'is an editor probe file'],
  ['README.md', 'does not end in .yaml, .yml or .json'],
  ['WEB.YAML', 'does not end in .yaml, .yml or .json'],
  ['yaml', 'does not end in .yaml, .yml or .json'],
];

for (const [name, reason] of LEFTOVERS) {
  test(`${name} ${reason}`, () => assert.equal(whyIgnored(name), reason));
}
