import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredContainer } from '../../../src/api/desiredPod.ts';
import { containerEnvironment, expandWords } from '../../../src/api/environment.ts';
import { aNode } from '../../support/node.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const FACTS = { node: aNode(), podIPs: ['10.0.0.2', 'fd00::2'] };

function compute(container: Partial<DesiredContainer>, others: readonly DesiredContainer[] = []) {
  const app = aContainer('app', container);
  const pod = aPod({ spec: { containers: [app, ...others] } });
  const labelled = { ...pod, metadata: { ...pod.metadata, labels: { tier: 'front' } } };
  const environment = containerEnvironment(labelled, app, FACTS);
  return environment.ok ? [...environment.value] : environment.error;
}

describe('containerEnvironment', () => {
  it('lets a later entry win and expands only what came before', () => {
    const env = [
      { name: 'A', value: 'first' },
      { name: 'B', value: '$(A)-second' },
      { name: 'C', value: '$(D)-undefined-yet' },
      { name: 'D', value: 'later' },
      { name: 'A', value: 'overridden' },
      { name: 'EMPTY', value: '' },
      { name: 'NONE' },
      { name: 'ESC', value: '$$(A)' },
    ];
    assert.deepEqual(compute({ env }), [
      ['A', 'overridden'],
      ['B', 'first-second'],
      ['C', '$(D)-undefined-yet'],
      ['D', 'later'],
      ['EMPTY', ''],
      ['NONE', ''],
      ['ESC', '$(A)'],
    ]);
  });

  it('reads fields of the pod and of the node', () => {
    const paths = ['metadata.name', "metadata.labels['tier']", 'spec.nodeName', 'status.podIPs', 'status.hostIP'];
    const env = paths.map((fieldPath, index) => ({ name: `V${index}`, valueFrom: { fieldRef: { fieldPath } } }));
    assert.deepEqual(compute({ env }), [
      ['V0', 'web'],
      ['V1', 'front'],
      ['V2', 'node'],
      ['V3', '10.0.0.2,fd00::2'],
      ['V4', '192.0.2.1'],
    ]);
  });

  it('reads resources of this container unless another is named', () => {
    const ref = (resource: string, containerName?: string) => ({
      resourceFieldRef: { resource, ...(containerName ? { containerName } : {}) },
    });
    const env = [
      { name: 'OWN', valueFrom: ref('requests.cpu') },
      { name: 'OTHER', valueFrom: ref('limits.memory', 'side') },
      { name: 'NODE', valueFrom: ref('limits.cpu') },
    ];
    const side = aContainer('side', { resources: { limits: { memory: '1Mi' } } });
    assert.deepEqual(compute({ env, resources: { requests: { cpu: '250m' } } }, [side]), [
      ['OWN', '1'],
      ['OTHER', '1048576'],
      ['NODE', '2'],
    ]);
  });

  const refused: readonly [string, Partial<DesiredContainer>, string][] = [
    [
      'an unknown field',
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nope' } } }] },
      'unsupported fieldPath: spec.nope',
    ],
    [
      'an unknown resource',
      { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.nope' } } }] },
      'unsupported container resource: limits.nope',
    ],
  ];
  for (const [name, container, error] of refused) {
    it(`refuses ${name}`, () => assert.equal(compute(container), error));
  }
});

describe('expandWords', () => {
  it('puts known variables in and leaves the others', () => {
    assert.deepEqual(expandWords(['$(A)', '$(B)', '$$(A)'], new Map([['A', 'x']])), ['x', '$(B)', '$(A)']);
  });
});
