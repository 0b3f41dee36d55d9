import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { readNodeUse } from '../../../src/platform/nodeUse.ts';
import { tempDir } from '../../support/tempDir.ts';

const PROC = {
  stat: 'cpu  100 10 50 9000 7 3 2 1 40 4\ncpu0 1 1 1 1 1 1 1 1 0 0\nbtime 1767225600\n',
  meminfo:
    'MemTotal:       1000 kB\nMemFree:         200 kB\nMemAvailable:    500 kB\nInactive(file):  100 kB\n' +
    'AnonPages:        50 kB\nSwapTotal:        40 kB\nSwapFree:         30 kB\n',
  'self/net/dev':
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' +
    '    lo:       9    1    0    0    0     0          0         0        9       1    0    0    0     0       0          0\n' +
    '  eth0:     100    2    3    0    0     0          0         0      200       4    5    0    0     0       0          0\n',
  'sys/kernel/pid_max': '32768\n',
  loadavg: '0.10 0.20 0.30 2/345 6789\n',
};

it('what the machine uses, from /proc; guests and the time that is not work are not counted as CPU', async (t) => {
  const proc = await tempDir(t);
  for (const [name, text] of Object.entries(PROC)) {
    await mkdir(dirname(join(proc, name)), { recursive: true });
    await writeFile(join(proc, name), text);
  }
  const { filesystem, ...use } = await readNodeUse({ rootDir: proc, proc, now: () => ({ wall: 5_000 }) });
  assert.deepEqual(use, {
    at: 5_000,
    bootedAt: 1_767_225_600_000,
    cpu: { at: 5_000, coreNanoSeconds: 1_660_000_000 },
    memory: { at: 5_000, availableBytes: 512_000, usageBytes: 819_200, workingSetBytes: 716_800, rssBytes: 51_200 },
    swap: { usedBytes: 10_240, availableBytes: 30_720 },
    interfaces: [{ name: 'eth0', rxBytes: 100, rxErrors: 3, txBytes: 200, txErrors: 5 }],
    processes: { most: 32_768, running: 345 },
  });
  assert.ok(filesystem !== undefined && filesystem.capacityBytes > filesystem.availableBytes);
});
