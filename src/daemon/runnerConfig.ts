// From the resolved configuration to what a runner is put together from.
import type { RunnerConfig } from './compose.ts';
import type { ResolvedConfig } from './config.ts';

export function runnerConfig({ values, origins }: ResolvedConfig): RunnerConfig {
  const { podCIDR, crashLoopBackOff } = values;
  const shown = Object.entries(values).map(
    ([key, value]) => [key, { value: hideSecrets(key, value), origin: origins[key] ?? 'default' }] as const,
  );
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
    ...(podCIDR === undefined ? {} : { podCIDR }),
    shown: Object.fromEntries(shown),
  };
}

/** Headers carry credentials, and so may a URL. */
function hideSecrets(key: string, value: unknown): unknown {
  if (key === 'staticPodURLHeader') return Object.keys(value ?? {});
  if (key !== 'staticPodURL' || typeof value !== 'string') return value;
  const url = URL.parse(value);
  if (url === null) return value;
  url.username = '';
  url.password = '';
  url.search = url.search === '' ? '' : '?[redacted]';
  return url.href;
}
