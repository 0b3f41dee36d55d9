import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredContainer } from '../../../src/api/desiredPod.ts';
import {
  containerEnvironment,
  type EnvironmentFiles,
  expandWords,
  NO_ENV_FILES,
} from '../../../src/api/environment.ts';
import type { ObjectsPort } from '../../../src/ports/objects.ts';
import { aNode } from '../../support/node.ts';
import { aConfigMap, aSecret, NO_OBJECTS, objectsOf } from '../../support/objects.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const FACTS = { node: aNode(), podIPs: ['10.0.0.2', 'fd00::2'] };

interface Around {
  readonly others: readonly DesiredContainer[];
  readonly objects: ObjectsPort;
  readonly files: EnvironmentFiles;
}

function compute(
  container: Partial<DesiredContainer>,
  { others = [], objects = NO_OBJECTS, files = NO_ENV_FILES }: Partial<Around> = {},
) {
  const app = aContainer('app', container);
  const pod = aPod({ spec: { containers: [app, ...others] } });
  const labelled = { ...pod, metadata: { ...pod.metadata, labels: { tier: 'front' } } };
  const environment = containerEnvironment(labelled, app, { ...FACTS, find: objects.find, files });
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

  it('reads keys of files, and says which one is missing', () => {
    const from = (path: string, key: string, optional?: boolean) => ({
      name: key,
      valueFrom: { fileKeyRef: { volumeName: 'v', path, key, ...(optional === undefined ? {} : { optional }) } },
    });
    const files: EnvironmentFiles = new Map([
      ['v/a', { ok: true, value: "A='1'\nB='$(A)'" }],
      ['v/none', { ok: true, value: undefined }],
      ['v/link', { ok: false, error: 'the path leads out of the volume' }],
    ]);
    const env = [from('a', 'A'), from('a', 'B'), from('a', 'C', true), from('none', 'D', true)];
    assert.deepEqual(compute({ env }, { files }), [
      ['A', '1'],
      ['B', '$(A)'],
    ]);
    const error = (path: string, key: string) => compute({ env: [from(path, key)] }, { files });
    assert.equal(error('a', 'C'), 'environment variable key "C" not found in file "a" of volume "v"');
    assert.equal(error('none', 'A'), 'environment variable file "none" of volume "v" not found');
    assert.equal(error('link', 'A'), `couldn't parse env file "link" of volume "v": the path leads out of the volume`);
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
    assert.deepEqual(compute({ env, resources: { requests: { cpu: '250m' } } }, { others: [side] }), [
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

describe('containerEnvironment with other objects', () => {
  const objects = objectsOf(
    aConfigMap('m', { data: { 'data-1': 'one', A: 'from map', EMPTY: '' }, binaryData: { raw: [0xff] } }),
    aSecret('s', { data: { A: 'from secret', B: '$(A)' } }),
    aSecret('odd', { data: { nul: 'a\0b' } }),
    aConfigMap('m', { namespace: 'other', data: { A: 'not ours' } }),
  );

  it('takes all texts of an object, with a prefix where there is one; later sources and env win', () => {
    const envFrom = [
      { configMapRef: { name: 'm' } },
      { configMapRef: { name: 'm' }, prefix: 'p_' },
      { secretRef: { name: 's' } },
      { secretRef: { name: 'gone', optional: true } },
    ];
    const env = [{ name: 'C', value: '$(A)/$(B)' }];
    assert.deepEqual(compute({ envFrom, env }, { objects }), [
      ['data-1', 'one'],
      ['A', 'from secret'],
      ['EMPTY', ''],
      ['p_data-1', 'one'],
      ['p_A', 'from map'],
      ['p_EMPTY', ''],
      ['B', '$(A)'],
      ['C', 'from secret/$(A)'],
    ]);
  });

  it('takes single keys, and leaves out what is optional and absent', () => {
    const env = [
      { name: 'M', valueFrom: { configMapKeyRef: { name: 'm', key: 'A' } } },
      { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'A' } } },
      { name: 'NO_KEY', valueFrom: { secretKeyRef: { name: 's', key: 'z', optional: true } } },
      { name: 'NO_MAP', valueFrom: { configMapKeyRef: { name: 'gone', key: 'A', optional: true } } },
    ];
    assert.deepEqual(compute({ env }, { objects }), [
      ['M', 'from map'],
      ['S', 'from secret'],
    ]);
  });

  const missing: readonly [string, Partial<DesiredContainer>, string][] = [
    ['a ConfigMap', { envFrom: [{ configMapRef: { name: 'x' } }] }, 'configmap "x" not found'],
    ['a Secret', { envFrom: [{ secretRef: { name: 'x' } }] }, 'secret "x" not found'],
    [
      'a Secret for one key',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k' } } }] },
      'secret "x" not found',
    ],
    [
      'a key of a ConfigMap',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }] },
      "couldn't find key k in ConfigMap default/m",
    ],
    [
      'a key that only files can have',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'raw' } } }] },
      "couldn't find key raw in ConfigMap default/m",
    ],
    [
      'a text',
      { envFrom: [{ secretRef: { name: 'odd' } }] },
      "the value of key nul in Secret default/odd is not a text: it can't be an environment variable",
    ],
  ];
  for (const [name, container, error] of missing) {
    it(`says that ${name} is missing`, () => assert.equal(compute(container, { objects }), error));
  }
});

describe('expandWords', () => {
  it('puts known variables in and leaves the others', () => {
    assert.deepEqual(expandWords(['$(A)', '$(B)', '$$(A)'], new Map([['A', 'x']])), ['x', '$(B)', '$(A)']);
  });
});
