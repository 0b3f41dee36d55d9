// What routes use of the machine, over a folder of the test or over nothing at all.
import type { Fault } from '../../../src/api/fault.ts';
import { err, ok } from '../../../src/lib/result.ts';
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import { readNodeUse } from '../../../src/platform/nodeUse.ts';
import type { StreamsPort } from '../../../src/ports/streams.ts';
import type { Backends } from '../../../src/server/backends.ts';

const refused = async () =>
  err({ kind: 'refused', reason: 'StreamFailed', message: 'no such container' } as const satisfies Fault);
const noStreams: StreamsPort = { exec: refused, attach: refused, portForward: refused };

export function fakeBackends(parts: Partial<Backends> = {}): Backends {
  return {
    stats: { containers: async () => ok([]), sandboxes: async () => ok([]) },
    nodeUse: () => readNodeUse({ rootDir: '/', now: () => ({ wall: 0 }) }),
    images: { list: async () => ok([]) },
    logs: createContainerLogs({ podLogsDir: '/nonexistent' }),
    streams: noStreams,
    ...parts,
  };
}
