// What a pod's resolv.conf says. Pure.
// Rule: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy and its limits.
import type { DesiredPod } from '../api/desiredPod.ts';
import type { PodDNSConfig, PodDNSConfigOption } from '../api/kubernetes.ts';
import type { NodeFacts } from '../api/node.ts';
import type { ResolvConf } from './resolvConf.ts';

const SERVERS_MAX = 3;
const SEARCHES_MAX = 32;
/** Characters of all search domains with a blank between each two. */
const SEARCH_LINE_MAX = 2048;

export interface PodDns extends ResolvConf {
  /** What people should be told: reason and message of a Warning event. */
  readonly warnings: readonly { readonly reason: 'MissingClusterDNS' | 'DNSConfigForming'; readonly message: string }[];
}

export function podDns(pod: DesiredPod, node: Pick<NodeFacts, 'clusterDNS' | 'clusterDomain' | 'resolvConf'>): PodDns {
  const wantsCluster = usesClusterDns(pod);
  const missing = wantsCluster && node.clusterDNS.length === 0;
  const base = baseOf(pod, { node, cluster: wantsCluster && !missing });
  const limited = applyLimits(merge(base, pod.spec.dnsConfig));
  return missing ? { ...limited, warnings: [missingWarning(pod), ...limited.warnings] } : limited;
}

function usesClusterDns(pod: DesiredPod): boolean {
  const { dnsPolicy, hostNetwork } = pod.spec;
  return dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && hostNetwork !== true);
}

function baseOf(
  pod: DesiredPod,
  options: { readonly node: Pick<NodeFacts, 'clusterDNS' | 'clusterDomain' | 'resolvConf'>; readonly cluster: boolean },
): ResolvConf {
  const { node, cluster } = options;
  if (pod.spec.dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  if (!cluster) return node.resolvConf;
  const domain = node.clusterDomain;
  const own = domain === '' ? [] : [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers: node.clusterDNS, searches: unique([...own, ...node.resolvConf.searches]), options: ['ndots:5'] };
}

function merge(base: ResolvConf, config: PodDNSConfig | undefined): ResolvConf {
  return {
    servers: unique([...base.servers, ...(config?.nameservers ?? [])]),
    searches: unique([...base.searches, ...(config?.searches ?? [])]),
    options: mergeOptions(base.options, config?.options ?? []),
  };
}

/** The pod's option takes the place of the one of the same name; sorted, because the reference has no order. */
function mergeOptions(base: readonly string[], own: readonly PodDNSConfigOption[]): readonly string[] {
  const given = own.flatMap(({ name, value }) => (name === undefined ? [] : [value ? `${name}:${value}` : name]));
  if (given.length === 0) return base;
  return [...new Map([...base, ...given].map((option) => [optionName(option), option])).values()].toSorted();
}

function applyLimits(dns: ResolvConf): PodDns {
  const servers = dns.servers.slice(0, SERVERS_MAX);
  const searches = limitSearches(dns.searches);
  const warnings: PodDns['warnings'][number][] = [];
  if (servers.length < dns.servers.length) {
    const line = servers.join(' ');
    const message = `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${line}`;
    warnings.push({ reason: 'DNSConfigForming', message });
  }
  if (searches.length < dns.searches.length) {
    const line = searches.join(' ');
    const message = `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${line}`;
    warnings.push({ reason: 'DNSConfigForming', message });
  }
  return { servers, searches, options: dns.options, warnings };
}

function limitSearches(searches: readonly string[]): readonly string[] {
  let length = -1;
  const within = searches.slice(0, SEARCHES_MAX).findIndex((domain) => {
    length += 1 + domain.length;
    return length > SEARCH_LINE_MAX;
  });
  return searches.slice(0, within < 0 ? SEARCHES_MAX : within);
}

function missingWarning(pod: DesiredPod): PodDns['warnings'][number] {
  const name = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.uid})`;
  return {
    reason: 'MissingClusterDNS',
    message: `pod: "${name}". kubelet does not have ClusterDNS IP configured and cannot create Pod using "${pod.spec.dnsPolicy}" policy. Falling back to "Default" policy.`,
  };
}

function optionName(option: string): string {
  return option.split(':', 1)[0] ?? option;
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}
