// From the resolved configuration to what a runner is put together from.
import type { NodeFacts } from '../api/node.ts';
import { quantityMillis, quantityUnits } from '../api/quantity.ts';
import { describeConfig } from './config/describe.ts';
import type { Reserved, ResolvedConfig } from './config.ts';
import type { VariableSources } from './manifestVariables.ts';
import type { GuardSettings } from './removalGuard.ts';
import type { SignatureKeys } from './signatures.ts';
import { type UpkeepConfig, upkeepConfig } from './upkeepConfig.ts';

export interface RunnerConfig {
  readonly rootDir: string;
  readonly socket: string;
  /** "auto", "embedded" or "unix:///path.sock". */
  readonly runtime: string;
  readonly nodeName?: string;
  readonly imageDir: string;
  readonly podLogsDir: string;
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  readonly resolvConf: string;
  readonly seccompDefault: boolean;
  readonly crashLoopInitialMs: number;
  readonly crashLoopMaxMs: number;
  readonly maxParallelImagePulls: number;
  readonly maxPods: number;
  readonly allowedUnsafeSysctls: readonly string[];
  /** Of one pod; -1: no limit. */
  readonly podPidsLimit: number;
  /** What pods do not get of this machine. */
  readonly reserved: NodeFacts['allocatable'];
  readonly nodeLabels: { readonly [key: string]: string };
  readonly runtimeClasses: { readonly [name: string]: string };
  readonly podCIDR?: string;
  readonly upkeep: UpkeepConfig;
  readonly removalGuard: GuardSettings;
  readonly signatureKeys: SignatureKeys;
  readonly variables: VariableSources;
  /** How often what hints do not tell of is looked at. */
  readonly fileCheckMs: number;
  /** Where a network is made for a runtime that is not embedded and has none; absent: nowhere. */
  readonly bridgeIn?: string;
  /** The effective configuration with origins, as /configz shows it. */
  readonly shown: { readonly [key: string]: { readonly value: unknown; readonly origin: string } };
}

export function runnerConfig(config: ResolvedConfig): RunnerConfig {
  const { values } = config;
  const { file, environment } = values.manifestVariables;
  const { podCIDR, crashLoopBackOff } = values;
  return {
    rootDir: values.rootDir,
    socket: values.socket,
    runtime: values.containerRuntimeEndpoint,
    nodeName: values.nodeName,
    imageDir: values.imageDir,
    podLogsDir: values.podLogsDir,
    clusterDNS: values.clusterDNS,
    clusterDomain: values.clusterDomain,
    resolvConf: values.resolvConf,
    seccompDefault: values.seccompDefault,
    crashLoopInitialMs: crashLoopBackOff.initialContainerRestartPeriod,
    crashLoopMaxMs: crashLoopBackOff.maxContainerRestartPeriod,
    maxParallelImagePulls: values.serializeImagePulls ? 1 : values.maxParallelImagePulls,
    maxPods: values.maxPods,
    allowedUnsafeSysctls: values.allowedUnsafeSysctls,
    podPidsLimit: values.podPidsLimit,
    reserved: together([values.systemReserved, values.kubeReserved]),
    nodeLabels: values.nodeLabels,
    runtimeClasses: values.runtimeClasses,
    upkeep: upkeepConfig(values),
    variables: { file, environment },
    fileCheckMs: values.fileCheckFrequency,
    signatureKeys: { trusted: values.manifestKeys, retired: values.retiredManifestKeys },
    removalGuard: { allowEmpty: values.allowEmpty, maxRemovalPercent: values.maxRemovalPercent },
    ...(values.podNetwork === 'bridge' ? { bridgeIn: values.cniConfDir } : {}),
    ...(podCIDR === undefined ? {} : { podCIDR }),
    shown: describeConfig(config),
  };
}

function together(parts: readonly Reserved[]): NodeFacts['allocatable'] {
  const sum = (amountOf: (part: Reserved) => number): number =>
    parts.reduce((total, part) => total + amountOf(part), 0);
  return {
    milliCpu: sum(({ cpu }) => quantityMillis(cpu)),
    memoryBytes: sum(({ memory }) => quantityUnits(memory)),
    ephemeralStorageBytes: sum((part) => quantityUnits(part['ephemeral-storage'])),
  };
}
