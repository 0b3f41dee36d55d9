// Census rows 308-326: DNS, hosts and what a scheduler would read. Row 319, a long host name, fails with the sandbox.
import { checkRows, pod } from './census.ts';

function dns(dnsConfig: object): object {
  return pod({ dnsConfig });
}

const label = 'a'.repeat(60);

checkRows([
  {
    row: 308,
    title: 'dnsPolicy clusterfirst',
    input: pod({ dnsPolicy: 'clusterfirst' }),
    expected: ['spec.dnsPolicy NotSupported'],
  },
  {
    row: 309,
    title: 'None without dnsConfig',
    input: pod({ dnsPolicy: 'None' }),
    expected: ['spec.dnsConfig Required'],
  },
  {
    row: 310,
    title: 'None without nameservers',
    input: pod({ dnsPolicy: 'None', dnsConfig: {} }),
    expected: ['spec.dnsConfig.nameservers Required'],
  },
  {
    row: 311,
    title: '4 nameservers',
    input: dns({ nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '::1'] }),
    expected: ['spec.dnsConfig.nameservers TooMany'],
  },
  {
    row: 312,
    title: 'nameserver by name',
    input: dns({ nameservers: ['dns.local'] }),
    expected: ['spec.dnsConfig.nameservers[0] Invalid'],
  },
  {
    row: 313,
    title: '33 search paths',
    input: dns({ searches: Array(33).fill('a') }),
    expected: ['spec.dnsConfig.searches TooMany'],
  },
  { row: 313, title: '32 search paths', input: dns({ searches: Array(32).fill('a') }), expected: [] },
  {
    row: 314,
    title: 'search list of more than 2048 characters',
    input: dns({ searches: Array(20).fill(`${label}.${label}`) }),
    expected: ['spec.dnsConfig.searches TooLong'],
  },
  {
    row: 315,
    title: 'search a_b..c',
    input: dns({ searches: ['a_b..c'] }),
    expected: ['spec.dnsConfig.searches[0] Invalid'],
  },
  { row: 315, title: 'search with "_"', input: dns({ searches: ['a_b.c.', '.'] }), expected: [] },
  {
    row: 316,
    title: 'option without name',
    input: dns({ options: [{ value: '1' }] }),
    expected: ['spec.dnsConfig.options[0].name Required'],
  },
  {
    row: 317,
    title: 'alias of foo',
    input: pod({ hostAliases: [{ ip: 'foo', hostnames: ['a'] }] }),
    expected: ['spec.hostAliases[0].ip Invalid'],
  },
  {
    row: 318,
    title: 'alias A B',
    input: pod({ hostAliases: [{ ip: '1.1.1.1', hostnames: ['A B'] }] }),
    expected: ['spec.hostAliases[0].hostnames[0] Invalid'],
  },
  {
    row: 320,
    title: 'override as FQDN',
    input: pod({ hostnameOverride: 'a.b', setHostnameAsFQDN: true }),
    expected: ['spec.setHostnameAsFQDN Forbidden'],
  },
  {
    row: 321,
    title: 'override on the host network',
    input: pod({ hostnameOverride: 'a.b', hostNetwork: true }),
    expected: ['spec.hostnameOverride Forbidden'],
  },
  {
    row: 322,
    title: 'operator Equals',
    input: pod({ tolerations: [{ key: 'a', operator: 'Equals' }] }),
    expected: ['spec.tolerations[0].operator NotSupported'],
  },
  {
    row: 323,
    title: 'bad label in nodeSelector',
    input: pod({ nodeSelector: { 'a/b/c': 'x' } }),
    expected: ['spec.nodeSelector Invalid'],
  },
  {
    row: 324,
    title: 'condition "a b"',
    input: pod({ readinessGates: [{ conditionType: 'a b' }] }),
    expected: ['spec.readinessGates[0].conditionType Invalid'],
  },
  {
    row: 324,
    title: 'gates nobody can open',
    input: pod({ readinessGates: [{ conditionType: 'a' }] }),
    expected: ['~spec.readinessGates Invalid'],
  },
  {
    row: 325,
    title: 'maxSkew 0',
    input: pod({ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] }),
    expected: ['spec.topologySpreadConstraints[0].maxSkew Invalid'],
  },
  {
    row: 326,
    title: 'scheduling is ignored',
    input: pod({ schedulerName: 'a', affinity: { podAffinity: {} }, priority: 5 }),
    expected: ['~spec.affinity.podAffinity Ignored', '~spec.priority Ignored', '~spec.schedulerName Ignored'],
    mode: 'run',
  },
]);
