import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IntOrString } from '../../../src/api/kubernetes.ts';
import type { ProbeTarget } from '../../../src/ports/probes.ts';
import { addressOf, formatAddress } from '../../../src/probe/target.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const container = aContainer('app', { ports: [{ name: 'web', containerPort: 8080 }, { containerPort: 9090 }] });
const pod = aPod({ spec: { containers: [container] } });
const hostPod = aPod({ spec: { containers: [container], hostNetwork: true } });
const withIP: ProbeTarget = { pod, container, containerId: 'c', podIP: '10.0.0.7' };

const CASES: readonly {
  readonly name: string;
  readonly target?: ProbeTarget;
  readonly host?: string;
  readonly port: IntOrString;
  readonly expected: string;
}[] = [
  { name: 'A number at the pod', port: 80, expected: '10.0.0.7:80' },
  { name: 'A named port of the container', port: 'web', expected: '10.0.0.7:8080' },
  { name: 'A number in quotes', port: '81', expected: '10.0.0.7:81' },
  { name: 'A host of the manifest', host: 'example.org', port: 80, expected: 'example.org:80' },
  { name: 'An IPv6 host', host: '[::1]', port: 80, expected: '[::1]:80' },
  { name: 'An IPv6 pod', target: { ...withIP, podIP: 'fd00::7' }, port: 80, expected: '[fd00::7]:80' },
  {
    name: 'The host network',
    target: { pod: hostPod, container, containerId: 'c' },
    port: 80,
    expected: '127.0.0.1:80',
  },
  {
    name: 'A pod without an address',
    target: { pod, container, containerId: 'c' },
    port: 80,
    expected: 'the pod has no IP address',
  },
  { name: 'A name that no port has', port: 'metrics', expected: 'container "app" has no port named "metrics"' },
  { name: 'A number that is no port', port: 70_000, expected: 'invalid port number: 70000' },
];

for (const { name, target = withIP, host, port, expected } of CASES) {
  test(`${name}: ${expected}`, () => {
    const address = addressOf(target, { host, port });
    assert.equal(address.ok ? formatAddress(address.value) : address.error, expected);
  });
}
