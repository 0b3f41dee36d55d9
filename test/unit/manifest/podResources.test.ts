import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPodResources, totalRequest } from '../../../src/manifest/podResources.ts';

const MILLI = 1_000_000n;
const asking = (cpu: string): { resources: object } => ({ resources: { requests: { cpu } } });
const sidecar = (cpu: string): object => ({ restartPolicy: 'Always', ...asking(cpu) });

const TOTALS: readonly (readonly [string, readonly object[], readonly object[], bigint | undefined])[] = [
  ['nobody asks', [{}], [{}], undefined],
  ['containers add up', [asking('1'), asking('500m')], [], 1500n],
  ['a large init container counts alone', [asking('1')], [asking('3'), asking('2')], 3000n],
  ['a sidecar runs beside the containers', [asking('1')], [sidecar('500m')], 1500n],
  ['and beside the init containers after it', [asking('1')], [sidecar('500m'), asking('2')], 2500n],
  ['but not beside those before it', [asking('1')], [asking('2'), sidecar('500m')], 2000n],
  ['a limit asks as much as a request', [{ resources: { limits: { cpu: '2' } } }], [], 2000n],
];

for (const [title, containers, initContainers, milli] of TOTALS) {
  test(`total request: ${title}`, () => {
    assert.equal(totalRequest({ containers, initContainers }, 'cpu'), milli === undefined ? undefined : milli * MILLI);
  });
}

test('a pod-level limit without request asks for what the containers do, or for the limit', () => {
  const resources = { limits: { cpu: '2', memory: '1024Mi' } };
  assert.deepEqual(defaultPodResources(resources, { containers: [asking('500m')] }), {
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '500m', memory: '1Gi' },
  });
});

test('without pod-level limits nothing is added', () => {
  assert.deepEqual(defaultPodResources({ requests: { cpu: 1 } }, { containers: [] }), { requests: { cpu: 1 } });
});
