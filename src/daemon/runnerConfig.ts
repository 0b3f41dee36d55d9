// From the resolved configuration to what a runner is put together from.
import type { RunnerConfig } from './compose.ts';
import { describeConfig } from './config/describe.ts';
import type { ResolvedConfig } from './config.ts';

export function runnerConfig(config: ResolvedConfig): RunnerConfig {
  const { values } = config;
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
    maxParallelImagePulls: values.maxParallelImagePulls,
    maxPods: values.maxPods,
    allowedUnsafeSysctls: values.allowedUnsafeSysctls,
    ...(podCIDR === undefined ? {} : { podCIDR }),
    shown: describeConfig(config),
  };
}
