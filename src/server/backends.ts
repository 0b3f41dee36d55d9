// What routes use of the machine besides the loop: handed in by daemon/, so that the server knows ports only.
import type { ContainerLogsPort } from '../ports/containerLogs.ts';
import type { ReadNodeUse, StatsPort } from '../ports/stats.ts';
import type { StreamsPort } from '../ports/streams.ts';
import type { ImageStorePort } from '../ports/upkeep.ts';

export interface Backends {
  readonly logs: ContainerLogsPort;
  readonly streams: StreamsPort;
  readonly stats: StatsPort;
  readonly nodeUse: ReadNodeUse;
  readonly images: Pick<ImageStorePort, 'list'>;
}
