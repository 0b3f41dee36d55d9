// What the local API needs of log files: read one container's, and follow it while it grows. Implemented by platform/.
import type { WallMs } from '../api/time.ts';
import type { Result } from '../lib/result.ts';

export interface LogQuery {
  /** Lines of the file from its end; parts of a long line count one by one, as in the kubelet. */
  readonly tailLines?: number;
  /** Only what was written at or after this time. */
  readonly since?: WallMs;
  /** Only what was written before this time. */
  readonly until?: WallMs;
  /** Each line begins with the time it was written, to the nanosecond. */
  readonly timestamps: boolean;
  /** No more than this, even if a line is cut. */
  readonly limitBytes?: number;
  readonly stream?: 'stdout' | 'stderr';
}

export interface ContainerLog {
  /** What the container wrote, until the end of the file. */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** The same and what follows, through rotations, until `isOver` says that nobody writes any more or the signal aborts. */
  follow(query: LogQuery, isOver: () => boolean, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface ContainerLogsPort {
  /** @returns a sentence for people when the path is not one of a container's log, or nothing is there */
  open(logPath: string): Promise<Result<ContainerLog, string>>;
}
