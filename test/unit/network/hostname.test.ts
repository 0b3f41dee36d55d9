import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredSpec } from '../../../src/api/desiredPod.ts';
import { err, ok, type Result } from '../../../src/lib/result.ts';
import { kernelHostname, podHostname } from '../../../src/network/hostname.ts';
import { aPod } from '../../support/pods.ts';

const LONG = `${'a'.repeat(62)}-tail`;

describe('podHostname', () => {
  const cases: readonly (readonly [string, string, Partial<DesiredSpec>, ReturnType<typeof podHostname>])[] = [
    ['is the name of the pod', 'web', {}, { host: 'web' }],
    ['is what the pod says', 'web', { hostname: 'front' }, { host: 'front' }],
    ['is cut to a label without a trailing hyphen', LONG, {}, { host: 'a'.repeat(62) }],
    [
      'has a domain with a subdomain',
      'web',
      { subdomain: 'sub' },
      { host: 'web', domain: 'sub.default.svc.cluster.local' },
    ],
    ['is the override alone', 'web', { hostnameOverride: 'me.example', subdomain: 'sub' }, { host: 'me.example' }],
  ];
  for (const [name, podName, spec, expected] of cases) {
    it(name, () => assert.deepEqual(podHostname(aPod({ name: podName, spec }), 'cluster.local'), expected));
  }
});

describe('kernelHostname', () => {
  const tooLong = `${'a'.repeat(60)}.sub.default.svc.cluster.local`;
  const cases: readonly (readonly [string, string, Partial<DesiredSpec>, Result<string, string>])[] = [
    ["is empty on the host's network", 'web', { hostNetwork: true }, ok('')],
    ['is the short name', 'web', { subdomain: 'sub' }, ok('web')],
    [
      'is the full name when asked for',
      'web',
      { subdomain: 'sub', setHostnameAsFQDN: true },
      ok('web.sub.default.svc.cluster.local'),
    ],
    ['is the short name without a domain', 'web', { setHostnameAsFQDN: true }, ok('web')],
    [
      'can be too long',
      'a'.repeat(60),
      { subdomain: 'sub', setHostnameAsFQDN: true },
      err(
        `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${tooLong} is too long (64 characters is the max, ${tooLong.length} characters requested)`,
      ),
    ],
  ];
  for (const [name, podName, spec, expected] of cases) {
    it(name, () => assert.deepEqual(kernelHostname(aPod({ name: podName, spec }), 'cluster.local'), expected));
  }
});
