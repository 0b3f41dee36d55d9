import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredSpec } from '../../../src/api/desiredPod.ts';
import { type PodDns, podDns } from '../../../src/network/dns.ts';
import { aPod } from '../../support/pods.ts';

const HOST = { servers: ['192.0.2.1'], searches: ['host.lab'], options: ['edns0'] };
const NODE = { clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local', resolvConf: HOST };
const CLUSTER = {
  servers: ['10.96.0.10'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'host.lab'],
  options: ['ndots:5'],
};

describe('podDns', () => {
  const cases: readonly (readonly [string, Partial<DesiredSpec>, Omit<PodDns, 'warnings'>])[] = [
    ['asks the cluster first', { dnsPolicy: 'ClusterFirst' }, CLUSTER],
    ["asks the host on the host's network", { dnsPolicy: 'ClusterFirst', hostNetwork: true }, HOST],
    ['asks the cluster there when told so', { dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }, CLUSTER],
    ['asks the host by Default', { dnsPolicy: 'Default' }, HOST],
    ['asks nobody with None', { dnsPolicy: 'None' }, { servers: [], searches: [], options: [] }],
    [
      'adds what the pod says, its options taking the place of others',
      {
        dnsPolicy: 'ClusterFirst',
        dnsConfig: {
          nameservers: ['192.0.2.53', '10.96.0.10'],
          searches: ['lab'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }, {}],
        },
      },
      {
        servers: ['10.96.0.10', '192.0.2.53'],
        searches: [...CLUSTER.searches, 'lab'],
        options: ['edns0', 'ndots:2'],
      },
    ],
  ];
  for (const [name, spec, expected] of cases) {
    it(name, () => assert.deepEqual(podDns(aPod({ spec }), NODE), { ...expected, warnings: [] }));
  }

  it('falls back to the host and says so without cluster DNS', () => {
    const dns = podDns(aPod({ spec: { dnsPolicy: 'ClusterFirst' } }), { ...NODE, clusterDNS: [] });
    const message =
      'pod: "web_default(uid-web)". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.';
    assert.deepEqual(dns, { ...HOST, warnings: [{ reason: 'MissingClusterDNS', message }] });
  });

  it('keeps three servers and thirty-two search domains, and says so', () => {
    const nameservers = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
    const searches = Array.from({ length: 33 }, (_, n) => `d${n}`);
    const dns = podDns(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { nameservers, searches } } }), NODE);
    assert.deepEqual(dns.servers, nameservers.slice(0, 3));
    assert.deepEqual(dns.searches, searches.slice(0, 32));
    assert.deepEqual(
      dns.warnings.map((warning) => warning.message.split(',')[0]),
      ['Nameserver limits were exceeded', 'Search Line limits were exceeded'],
    );
  });

  it('keeps a search line of 2048 characters', () => {
    const domain = 'x'.repeat(250);
    const searches = Array.from({ length: 9 }, (_, n) => `${domain}${n}.lab`);
    const dns = podDns(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { searches } } }), NODE);
    assert.deepEqual(dns.searches, searches.slice(0, 8));
    assert.equal(dns.searches.join(' ').length, 8 * 255 + 7);
  });
});
