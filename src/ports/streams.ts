// What the local API needs to let people into containers: addresses of the runtime's own streaming server, each good for
// one connection within a short time. Implemented by cri/.
import type { Fault } from '../api/fault.ts';
import type { Result } from '../lib/result.ts';

export interface StreamFlags {
  readonly stdin: boolean;
  readonly stdout: boolean;
  /** Never together with tty: a terminal has one output. */
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface StreamsPort {
  exec(
    containerId: string,
    request: StreamFlags & { readonly command: readonly string[] },
    signal: AbortSignal,
  ): Promise<Result<string, Fault>>;
  attach(containerId: string, request: StreamFlags, signal: AbortSignal): Promise<Result<string, Fault>>;
  /** @param ports empty where the protocol names the port per stream, as SPDY does */
  portForward(sandboxId: string, ports: readonly number[], signal: AbortSignal): Promise<Result<string, Fault>>;
}
