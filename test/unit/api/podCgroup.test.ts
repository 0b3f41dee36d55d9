import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PodSpec } from '../../../src/api/kubernetes.ts';
import {
  cgroupfsPath,
  clampShares,
  cpuQuotaUs,
  cpuShares,
  cpuWeight,
  pageSizeName,
  podCgroupComponents,
  podCgroupLimits,
  podCgroupLimitsWithoutOverhead,
  systemdPath,
} from '../../../src/api/podCgroup.ts';

describe('cgroup paths', () => {
  const cases = [
    ['Guaranteed', '/kubepods/poda-b', '/kubepods.slice/kubepods-poda_b.slice'],
    [
      'Burstable',
      '/kubepods/burstable/poda-b',
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-poda_b.slice',
    ],
    [
      'BestEffort',
      '/kubepods/besteffort/poda-b',
      '/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-poda_b.slice',
    ],
  ] as const;
  for (const [qos, cgroupfs, systemd] of cases) {
    it(`nest a ${qos} pod by driver`, () => {
      const components = podCgroupComponents('a-b', qos);
      assert.equal(cgroupfsPath(components), cgroupfs);
      assert.equal(systemdPath(components), systemd);
    });
  }
});

describe('podCgroupLimits', () => {
  const one = (resources: NonNullable<PodSpec['resources']>): PodSpec => ({ containers: [{ name: 'c', resources }] });
  const cases: readonly (readonly [string, PodSpec, ReturnType<typeof podCgroupLimits>])[] = [
    ['best effort weighs least', { containers: [{ name: 'c' }] }, { cpuShares: 2, hugetlbBytes: {} }],
    [
      'guaranteed has all limits',
      one({ limits: { cpu: '200m', memory: '32Mi' } }),
      { cpuShares: 204, cpuQuotaUs: 20_000, memoryBytes: 33_554_432, hugetlbBytes: {} },
    ],
    ['burstable without limits has a weight', one({ requests: { cpu: '250m' } }), { cpuShares: 256, hugetlbBytes: {} }],
    [
      'burstable is limited where every container is',
      {
        containers: [
          { name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Ki' } } },
          { name: 'b', resources: { limits: { cpu: '1' } } },
        ],
      },
      { cpuShares: 2048, cpuQuotaUs: 300_000, hugetlbBytes: {} },
    ],
    [
      'huge pages are limited to what is asked for',
      one({ limits: { cpu: '1', memory: '1Mi', 'hugepages-2Mi': '4Mi' } }),
      { cpuShares: 1024, cpuQuotaUs: 100_000, memoryBytes: 1_048_576, hugetlbBytes: { '2MB': 4_194_304 } },
    ],
  ];
  for (const [name, spec, expected] of cases) {
    it(name, () => assert.deepEqual(podCgroupLimits(spec), expected));
  }

  it('counts overhead for the cgroup and not for the sandbox', () => {
    const spec = { ...one({ limits: { cpu: '1', memory: '1Ki' } }), overhead: { cpu: '500m', memory: '1Ki' } };
    const whole = { cpuShares: 1536, cpuQuotaUs: 150_000, memoryBytes: 2048, hugetlbBytes: {} };
    const inner = { cpuShares: 1024, cpuQuotaUs: 100_000, memoryBytes: 1024, hugetlbBytes: {} };
    assert.deepEqual(podCgroupLimits(spec), whole);
    assert.deepEqual(podCgroupLimitsWithoutOverhead(spec), inner);
  });
});

describe('kernel units', () => {
  it('turns millicores into shares within bounds', () => {
    assert.deepEqual([0, 1, 250, 1000, 1e9].map(cpuShares), [2, 2, 256, 1024, 262_144]);
  });

  it('turns millicores into a quota, at least a millisecond', () => {
    assert.deepEqual([undefined, 0, 1, 200, 1500].map(cpuQuotaUs), [undefined, undefined, 1000, 20_000, 150_000]);
  });

  it('turns shares into a weight', () => {
    assert.deepEqual([0, 2, 204, 1024, 262_144].map(cpuWeight), [1, 1, 8, 39, 10_000]);
    assert.equal(clampShares(300_000), 262_144);
  });

  it('names page sizes as the kernel does', () => {
    assert.deepEqual([65_536, 2 ** 21, 2 ** 30, 2 ** 24].map(pageSizeName), ['64KB', '2MB', '1GB', '16MB']);
  });
});
