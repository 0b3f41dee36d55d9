// What every handler is given besides its own part of the manifest.
import type { ProbeTarget } from '../ports/probes.ts';
import type { RuntimePort } from '../ports/runtime.ts';

export interface ProbesOptions {
  readonly runtime: Pick<RuntimePort, 'execSync'>;
  /** Kubernetes version that handlers claim to be of, "1.36": servers tell probes by their user agent. */
  readonly version: string;
}

export interface HookCall extends ProbesOptions {
  readonly target: ProbeTarget;
  readonly signal: AbortSignal;
}

export interface HandlerCall extends HookCall {
  readonly timeoutMs: number;
}
