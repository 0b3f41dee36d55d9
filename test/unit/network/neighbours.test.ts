import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { managesHosts, neighbourLines, neighbourOf } from '../../../src/network/neighbours.ts';
import { aPod, type PodWishes } from '../../support/pods.ts';

const place = { nodeName: 'Edge', ips: ['10.1.1.2', 'fd00::2'] };
const near = { namespace: 'default', clusterDomain: 'cluster.local' };
const neighbour = (name: string, spec: PodWishes['spec'] = {}) => neighbourOf(aPod({ name, spec }), place);

describe('neighbourOf', () => {
  it('knows a pod by both of its names, its host name and its subdomain', () => {
    assert.deepEqual(neighbour('db-edge', { hostname: 'db0', subdomain: 'db' }), {
      uid: 'uid-db-edge',
      namespace: 'default',
      name: 'db-edge',
      shortName: 'db',
      host: 'db0',
      subdomain: 'db',
      ips: ['10.1.1.2', 'fd00::2'],
    });
  });
  it('knows no subdomain where the host name is overridden', () => {
    assert.equal(neighbour('db-edge', { hostnameOverride: 'x', subdomain: 'db' }).subdomain, undefined);
  });
});

describe('neighbourLines', () => {
  it('are nothing where there is nobody', () => assert.equal(neighbourLines([], near), ''));

  it('are short within a namespace, the full name first', () => {
    const names = 'db0.db.default.svc.cluster.local\tdb-edge\tdb\tdb0.db\tdb-edge.default\tdb.default\tdb0.db.default';
    assert.equal(
      neighbourLines([neighbour('db-edge', { hostname: 'db0', subdomain: 'db' })], near),
      `\n# Pods of this node.\n10.1.1.2\t${names}\nfd00::2\t${names}\n`,
    );
  });

  it('have the namespace from another one', () => {
    const text = neighbourLines([neighbour('db-edge')], { namespace: 'other', clusterDomain: '' });
    const names = 'db-edge.default\tdb.default';
    assert.equal(text, `\n# Pods of this node.\n10.1.1.2\t${names}\nfd00::2\t${names}\n`);
  });

  it('end with "svc" where there is no cluster domain', () => {
    const text = neighbourLines([neighbour('db', { subdomain: 's' })], { namespace: 'default', clusterDomain: '' });
    assert.match(text, /\t?db\.s\.default\.svc\tdb\tdb\.s\t/);
  });
});

describe('managesHosts', () => {
  const cases: readonly [string, NonNullable<PodWishes['spec']>, boolean][] = [
    ['a pod with a network of its own', {}, true],
    ['a pod on the host network', { hostNetwork: true }, false],
    ['one that asks for names of the cluster', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, true],
    ['one with aliases', { hostNetwork: true, hostAliases: [{ ip: '192.0.2.1' }] }, true],
  ];
  for (const [name, spec, expected] of cases) {
    it(`is ${expected} for ${name}`, () => assert.equal(managesHosts(aPod({ spec })), expected));
  }
});
