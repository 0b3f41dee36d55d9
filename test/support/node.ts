// A builder for facts about a machine.
import type { NodeFacts } from '../../src/api/node.ts';

export function aNode(more: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name: 'node',
    hostIPs: ['192.0.2.1'],
    rootDir: '/var/lib/solopod',
    podLogsDir: '/var/log/pods',
    clusterDNS: [],
    clusterDomain: 'cluster.local',
    resolvConf: { servers: ['192.0.2.53'], searches: [], options: [] },
    allocatable: { milliCpu: 2000, memoryBytes: 4 * 2 ** 30, ephemeralStorageBytes: 100e9 },
    hugePages: {},
    hugePageSizes: [2 ** 21],
    cgroupVersion: 1,
    cgroupDriver: 'cgroupfs',
    seccompDefault: false,
    swap: 'off',
    ...more,
  };
}
