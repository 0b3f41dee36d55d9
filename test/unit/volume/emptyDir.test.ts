import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredContainer } from '../../../src/api/desiredPod.ts';
import type { EmptyDirVolumeSource } from '../../../src/api/kubernetes.ts';
import { type Backing, backingOf, payloadBacking } from '../../../src/volume/emptyDir.ts';
import { VolumeError } from '../../../src/volume/volumeType.ts';
import { aNode } from '../../support/node.ts';
import { aContainer, aPod } from '../../support/pods.ts';

const NODE = aNode({ allocatable: { milliCpu: 1000, memoryBytes: 2 ** 30, ephemeralStorageBytes: 0 } });
const LIMITED = aContainer('app', { resources: { limits: { cpu: '1', memory: '64Mi' } } });
const HUGE = aContainer('app', { resources: { limits: { memory: '1Mi', 'hugepages-2Mi': '4Mi' } } });
const HUGER = aContainer('app', { resources: { limits: { 'hugepages-1Gi': '1Gi' } } });

function tmpfs(sizeBytes: number): Backing {
  return { fsType: 'tmpfs', source: 'tmpfs', options: [`size=${sizeBytes}`] };
}

function hugetlbfs(pageSize: string): Backing {
  return { fsType: 'hugetlbfs', source: 'nodev', options: [`pagesize=${pageSize}`] };
}

describe('backingOf', () => {
  const cases: readonly (readonly [string, EmptyDirVolumeSource, DesiredContainer[], Backing | undefined])[] = [
    ['is a directory by default', {}, [LIMITED], undefined],
    ['is a directory with a size limit', { sizeLimit: '1Mi' }, [LIMITED], undefined],
    ['is as large as the node without limits', { medium: 'Memory' }, [aContainer('app')], tmpfs(2 ** 30)],
    ['is as large as the pod may get', { medium: 'Memory', sizeLimit: '1Gi' }, [LIMITED], tmpfs(64 * 2 ** 20)],
    ['is as small as its limit', { medium: 'Memory', sizeLimit: '8Mi' }, [LIMITED], tmpfs(8 * 2 ** 20)],
    ['knows no limit of 0', { medium: 'Memory', sizeLimit: '0' }, [LIMITED], tmpfs(64 * 2 ** 20)],
    ['has huge pages of the size that is named', { medium: 'HugePages-1Gi' }, [HUGE], hugetlbfs('1G')],
    ['has huge pages of the only size asked for', { medium: 'HugePages' }, [HUGE, HUGE], hugetlbfs('2M')],
  ];
  for (const [name, source, containers, expected] of cases) {
    it(name, () => assert.deepEqual(backingOf(aPod({ spec: { containers } }), source, NODE), expected));
  }

  const failures: readonly (readonly [string, EmptyDirVolumeSource, DesiredContainer[], RegExp])[] = [
    ['no container asks for huge pages', { medium: 'HugePages' }, [LIMITED], /got 0 sizes$/],
    ['two sizes are asked for', { medium: 'HugePages' }, [HUGE, HUGER], /got 2 sizes$/],
    ['the medium is unknown', { medium: 'Disk' }, [LIMITED], /medium "Disk" is not supported$/],
  ];
  for (const [name, source, containers, message] of failures) {
    it(`fails when ${name}`, () => {
      const make = () => backingOf(aPod({ spec: { containers } }), source, NODE);
      assert.throws(make, (error) => error instanceof VolumeError && message.test(error.message));
    });
  }
});

describe('payloadBacking', () => {
  it('S-FS-2 is kept off swap devices where the kernel can do that', () => {
    const pod = aPod({ spec: { containers: [LIMITED] } });
    const options = (swap: 'off' | 'avoidable' | 'on') => payloadBacking(pod, { ...NODE, swap }).options;
    assert.deepEqual(options('avoidable'), ['size=67108864', 'noswap']);
    assert.deepEqual([options('off'), options('on')], [['size=67108864'], ['size=67108864']]);
  });

  it('is as large as the pod may get', () => {
    assert.deepEqual(payloadBacking(aPod({ spec: { containers: [LIMITED] } }), NODE), tmpfs(64 * 2 ** 20));
  });
});
