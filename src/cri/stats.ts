// What containers and sandboxes use, as the runtime counts it. Absent values stay absent: a zero would be a statement.
import type { Fault } from '../api/fault.ts';
import { ok, type Result } from '../lib/result.ts';
import type { ContainerUse, CpuUse, InterfaceUse, MemoryUse, SandboxUse, StatsPort } from '../ports/stats.ts';
import type { CriChannel } from './channel.ts';
import type {
  ReadContainerStats,
  ReadCpuUsage,
  ReadInterfaceUsage,
  ReadMemoryUsage,
  ReadSandboxStats,
} from './messages.ts';

const REASON = 'StatsFailed';
const DEADLINE_MS = 10_000;
const NANOS_PER_MS = 1_000_000n;

export function createStats(channel: CriChannel): StatsPort {
  return {
    async containers(signal): Promise<Result<readonly ContainerUse[], Fault>> {
      const options = { reason: REASON, signal, deadlineMs: DEADLINE_MS };
      const answer = await channel.unary('RuntimeService/ListContainerStats', {}, options);
      return answer.ok ? ok(answer.value.stats.map(decodeContainer)) : answer;
    },
    async sandboxes(signal): Promise<Result<readonly SandboxUse[], Fault>> {
      const options = { reason: REASON, signal, deadlineMs: DEADLINE_MS };
      const answer = await channel.unary('RuntimeService/ListPodSandboxStats', {}, options);
      if (answer.ok) return ok(answer.value.stats.map(decodeSandbox));
      return answer.error.kind === 'unimplemented' ? ok([]) : answer;
    },
  };
}

function decodeContainer({ attributes, cpu, memory, swap, writableLayer }: ReadContainerStats): ContainerUse {
  const swapBytes = numberOf(swap?.swapUsageBytes);
  return {
    id: attributes?.id ?? '',
    ...(cpu === null ? {} : { cpu: decodeCpu(cpu) }),
    ...(memory === null ? {} : { memory: decodeMemory(memory) }),
    ...(swapBytes === undefined ? {} : { swapBytes }),
    ...(writableLayer === null
      ? {}
      : {
          writableLayer: {
            at: wallMs(writableLayer.timestamp),
            ...optional('usedBytes', writableLayer.usedBytes),
            ...optional('inodesUsed', writableLayer.inodesUsed),
          },
        }),
  };
}

function decodeSandbox({ attributes, linux }: ReadSandboxStats): SandboxUse {
  const { cpu = null, memory = null, network = null, process = null } = linux ?? {};
  const interfaces =
    network === null ? [] : [network.defaultInterface, ...network.interfaces].filter((one) => one !== null);
  const processes = numberOf(process?.processCount);
  return {
    id: attributes?.id ?? '',
    ...(cpu === null ? {} : { cpu: decodeCpu(cpu) }),
    ...(memory === null ? {} : { memory: decodeMemory(memory) }),
    ...(network === null
      ? {}
      : { network: { at: wallMs(network.timestamp), interfaces: interfaces.map(decodeInterface) } }),
    ...(processes === undefined ? {} : { processes }),
  };
}

function decodeCpu({ timestamp, usageCoreNanoSeconds, usageNanoCores }: ReadCpuUsage): CpuUse {
  return {
    at: wallMs(timestamp),
    ...optional('coreNanoSeconds', usageCoreNanoSeconds),
    ...optional('nanoCores', usageNanoCores),
  };
}

function decodeMemory(memory: ReadMemoryUsage): MemoryUse {
  return {
    at: wallMs(memory.timestamp),
    ...optional('workingSetBytes', memory.workingSetBytes),
    ...optional('availableBytes', memory.availableBytes),
    ...optional('usageBytes', memory.usageBytes),
    ...optional('rssBytes', memory.rssBytes),
    ...optional('pageFaults', memory.pageFaults),
    ...optional('majorPageFaults', memory.majorPageFaults),
  };
}

function decodeInterface({ name, rxBytes, rxErrors, txBytes, txErrors }: ReadInterfaceUsage): InterfaceUse {
  return {
    name,
    rxBytes: numberOf(rxBytes) ?? 0,
    rxErrors: numberOf(rxErrors) ?? 0,
    txBytes: numberOf(txBytes) ?? 0,
    txErrors: numberOf(txErrors) ?? 0,
  };
}

type Wrapped = { readonly value: bigint } | null | undefined;

function numberOf(wrapped: Wrapped): number | undefined {
  return wrapped === null || wrapped === undefined ? undefined : Number(wrapped.value);
}

function optional<Name extends string>(name: Name, wrapped: Wrapped): { readonly [key in Name]?: number } {
  const value = numberOf(wrapped);
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: number };
}

function wallMs(nanos: bigint): number {
  return Number(nanos / NANOS_PER_MS);
}
