// What routes use of the machine, over a folder of the test or over nothing at all.
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import type { Backends } from '../../../src/server/backends.ts';

export function fakeBackends(parts: Partial<Backends> = {}): Backends {
  return { logs: createContainerLogs({ podLogsDir: '/nonexistent' }), ...parts };
}
