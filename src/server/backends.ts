// What routes use of the machine besides the loop: handed in by daemon/, so that the server knows ports only.
import type { ContainerLogsPort } from '../ports/containerLogs.ts';
import type { StreamsPort } from '../ports/streams.ts';

export interface Backends {
  readonly logs: ContainerLogsPort;
  readonly streams: StreamsPort;
}
