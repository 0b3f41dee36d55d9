// The resolv.conf of a pod: its dnsPolicy over the node's own resolver, then its dnsConfig, then the limits of glibc.
// Pure. Rule: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { PodDNSConfigOption } from '../../api/kubernetes.ts';
import type { NodeFacts } from '../../api/node.ts';
import type { DnsConfig } from '../messages.ts';

const SERVERS_MAX = 3;
const SEARCHES_MAX = 32;
/** Of all search domains joined by spaces. */
const SEARCH_LINE_MAX = 2048;

export function sandboxDns(pod: DesiredPod, node: NodeFacts): DnsConfig {
  const base = policyDns(pod, node);
  const own = pod.spec.dnsConfig;
  return {
    servers: unique([...base.servers, ...(own?.nameservers ?? [])]).slice(0, SERVERS_MAX),
    searches: fitSearches(unique([...base.searches, ...(own?.searches ?? [])])),
    options: own?.options?.length ? mergeOptions(base.options, own.options) : base.options,
  };
}

function policyDns({ metadata, spec }: DesiredPod, { clusterDNS, clusterDomain, resolvConf }: NodeFacts): DnsConfig {
  if (spec.dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  const wantsCluster =
    spec.dnsPolicy === 'ClusterFirstWithHostNet' || (spec.dnsPolicy === 'ClusterFirst' && spec.hostNetwork !== true);
  if (!wantsCluster || clusterDNS.length === 0) return resolvConf;
  const domains = clusterDomain
    ? [`${metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
    : [];
  return { servers: clusterDNS, searches: unique([...domains, ...resolvConf.searches]), options: ['ndots:5'] };
}

/** The pod's options win over the base's of the same name; sorted, because the reference has no order. */
function mergeOptions(base: readonly string[], own: readonly PodDNSConfigOption[]): readonly string[] {
  const merged = new Map(base.map((option) => [option.split(':', 1)[0] ?? option, option]));
  for (const { name = '', value } of own) merged.set(name, value ? `${name}:${value}` : name);
  return [...merged.values()].sort();
}

function fitSearches(searches: readonly string[]): readonly string[] {
  let length = -1;
  const fitting: string[] = [];
  for (const search of searches.slice(0, SEARCHES_MAX)) {
    length += search.length + 1;
    if (length > SEARCH_LINE_MAX) break;
    fitting.push(search);
  }
  return fitting;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
