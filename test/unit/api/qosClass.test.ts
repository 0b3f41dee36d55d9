import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Container, PodSpec, ResourceRequirements } from '../../../src/api/kubernetes.ts';
import { isLimited, podResources, qosClass } from '../../../src/api/qosClass.ts';

const FULL: ResourceRequirements = { limits: { cpu: '1', memory: '1Gi' } };

function container(resources?: ResourceRequirements, more: Partial<Container> = {}): Container {
  return { name: 'c', ...(resources === undefined ? {} : { resources }), ...more };
}

describe('qosClass', () => {
  const cases: readonly (readonly [string, PodSpec, ReturnType<typeof qosClass>])[] = [
    ['nothing set', { containers: [container()] }, 'BestEffort'],
    ['only zeros', { containers: [container({ requests: { cpu: '0' }, limits: { memory: 0 } })] }, 'BestEffort'],
    ['only other resources', { containers: [container({ limits: { 'ephemeral-storage': '1Gi' } })] }, 'BestEffort'],
    ['limits of both', { containers: [container(FULL)] }, 'Guaranteed'],
    [
      'equal amounts in other words',
      {
        containers: [
          container({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: 1073741824 } }),
        ],
      },
      'Guaranteed',
    ],
    ['a smaller request', { containers: [container({ ...FULL, requests: { cpu: '500m' } })] }, 'Burstable'],
    ['a limit of one only', { containers: [container({ limits: { cpu: '1' } })] }, 'Burstable'],
    ['a request only', { containers: [container({ requests: { memory: '1Mi' } })] }, 'Burstable'],
    ['one container without', { containers: [container(FULL), container()] }, 'Burstable'],
    ['an init container without', { containers: [container(FULL)], initContainers: [container()] }, 'Burstable'],
    ['limits for the pod', { containers: [container()], resources: FULL }, 'Guaranteed'],
    [
      'limits for the pod and a smaller request of a container',
      { containers: [container({ requests: { cpu: '100m' } })], resources: FULL },
      'Burstable',
    ],
    ['a request for the pod', { containers: [container()], resources: { requests: { cpu: '1' } } }, 'Burstable'],
  ];
  for (const [name, spec, expected] of cases) {
    it(`is ${expected} with ${name}`, () => assert.equal(qosClass(spec), expected));
  }
});

describe('podResources', () => {
  const cpu = (amount: string): ResourceRequirements => ({ requests: { cpu: amount } });
  const sidecar = { restartPolicy: 'Always' };
  const cases: readonly (readonly [string, PodSpec, ReturnType<typeof podResources>])[] = [
    [
      'adds containers up, limits standing in for requests',
      { containers: [container(cpu('100m')), container({ limits: { cpu: '1', memory: '1Ki' } })] },
      { requests: { cpu: 1100, memory: 1024 }, limits: { cpu: 1000, memory: 1024 } },
    ],
    [
      'takes the peak of init containers',
      { containers: [container(cpu('100m'))], initContainers: [container(cpu('300m')), container(cpu('200m'))] },
      { requests: { cpu: 300 }, limits: {} },
    ],
    [
      'adds sidecars to what runs after them and to the containers',
      {
        containers: [container(cpu('100m'))],
        initContainers: [container(cpu('500m')), container(cpu('50m'), sidecar), container(cpu('480m'))],
      },
      { requests: { cpu: 530 }, limits: {} },
    ],
    [
      'adds overhead, to limits only where there are some',
      { containers: [container({ limits: { memory: '1Ki' } })], overhead: { cpu: '10m', memory: '1Ki' } },
      { requests: { cpu: 10, memory: 2048 }, limits: { memory: 2048 } },
    ],
    [
      'lets the pod override what it lists',
      {
        containers: [container({ limits: { cpu: '1' }, requests: { 'ephemeral-storage': '1k' } })],
        resources: { requests: { memory: '2Ki' }, limits: { cpu: '3', memory: '4Ki' } },
      },
      { requests: { cpu: 1000, memory: 2048, 'ephemeral-storage': 1000 }, limits: { cpu: 3000, memory: 4096 } },
    ],
  ];
  for (const [name, spec, expected] of cases) {
    it(name, () => assert.deepEqual(podResources(spec), expected));
  }
});

describe('isLimited', () => {
  it('needs a limit of every container, init containers included', () => {
    assert.equal(isLimited({ containers: [container(FULL)] }, 'cpu'), true);
    assert.equal(isLimited({ containers: [container(FULL)], initContainers: [container()] }, 'cpu'), false);
  });

  it('is satisfied by a limit of the pod', () => {
    assert.equal(isLimited({ containers: [container()], resources: FULL }, 'memory'), true);
  });
});
