// What the local API needs to tell what pods and this machine use. Implemented by cri/ and platform/.
import type { Fault } from '../api/fault.ts';
import type { WallMs } from '../api/time.ts';
import type { Result } from '../lib/result.ts';

export interface CpuUse {
  readonly at: WallMs;
  /** Nanoseconds of one core since the start. */
  readonly coreNanoSeconds?: number;
  /** Nanoseconds of one core per second, where the runtime keeps count of it. */
  readonly nanoCores?: number;
}

export interface MemoryUse {
  readonly at: WallMs;
  readonly workingSetBytes?: number;
  readonly availableBytes?: number;
  readonly usageBytes?: number;
  readonly rssBytes?: number;
  readonly pageFaults?: number;
  readonly majorPageFaults?: number;
}

export interface ContainerUse {
  /** The runtime's id. */
  readonly id: string;
  readonly cpu?: CpuUse;
  readonly memory?: MemoryUse;
  readonly swapBytes?: number;
  readonly writableLayer?: { readonly at: WallMs; readonly usedBytes?: number; readonly inodesUsed?: number };
}

export interface InterfaceUse {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}

export interface SandboxUse {
  readonly id: string;
  readonly cpu?: CpuUse;
  readonly memory?: MemoryUse;
  readonly network?: { readonly at: WallMs; readonly interfaces: readonly InterfaceUse[] };
  readonly processes?: number;
}

export interface FilesystemUse {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly inodesUsed: number;
}

export interface NodeUse {
  readonly at: WallMs;
  readonly bootedAt: WallMs;
  readonly cpu: CpuUse;
  readonly memory: MemoryUse;
  readonly swap: { readonly usedBytes: number; readonly availableBytes: number };
  readonly interfaces: readonly InterfaceUse[];
  /** Of the root directory. */
  readonly filesystem?: FilesystemUse;
  readonly processes: { readonly most: number; readonly running: number };
}

export interface StatsPort {
  /** Everything that the runtime holds, of whomever: the caller picks its own. */
  containers(signal: AbortSignal): Promise<Result<readonly ContainerUse[], Fault>>;
  /** The same of sandboxes; empty where the runtime does not count them. */
  sandboxes(signal: AbortSignal): Promise<Result<readonly SandboxUse[], Fault>>;
}

export type ReadNodeUse = () => Promise<NodeUse>;
