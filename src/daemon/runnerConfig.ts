// From the resolved configuration to what a runner is put together from.
import type { NodeFacts } from '../api/node.ts';
import { quantityMillis, quantityUnits } from '../api/quantity.ts';
import type { RunnerConfig } from './compose.ts';
import { describeConfig } from './config/describe.ts';
import type { Reserved, ResolvedConfig } from './config.ts';
import { upkeepConfig } from './upkeepConfig.ts';

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
