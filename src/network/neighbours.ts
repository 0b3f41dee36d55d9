// How pods of one node find each other by name: lines in each pod's managed hosts file. Pure.
// Names are those that a cluster's DNS would have, as far as a pod without services has any, and the pod's own name;
// short within a namespace, with the namespace from another one. See decisions/0010-pods-by-name.md.
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Neighbour } from '../api/neighbour.ts';
import { allContainers } from '../api/podContainers.ts';
import { podHostname } from './hostname.ts';

export interface Reader {
  readonly namespace: string;
  readonly clusterDomain: string;
}

/** The pod as others may call it. */
export function neighbourOf(
  pod: DesiredPod,
  place: { readonly nodeName: string; readonly ips: readonly string[] },
): Neighbour {
  const { name, namespace } = pod.metadata;
  const { subdomain, hostnameOverride } = pod.spec;
  const suffix = `-${place.nodeName.toLowerCase()}`;
  return {
    uid: pod.uid,
    namespace,
    name,
    shortName: name.endsWith(suffix) ? name.slice(0, -suffix.length) : name,
    host: podHostname(pod, '').host,
    ...(subdomain === undefined || subdomain === '' || hostnameOverride ? {} : { subdomain }),
    ips: place.ips,
  };
}

/** True for pods that others may want to reach: a container names a port, or the pod names itself. */
export function isOffering({ spec }: DesiredPod): boolean {
  const { hostname = '', subdomain = '', hostnameOverride = '' } = spec;
  const named = hostname !== '' || subdomain !== '' || hostnameOverride !== '';
  return named || allContainers(spec).some((c) => (c.ports ?? []).length > 0);
}

/**
 * True for pods whose hosts file is managed: all that have a network of their own. On the host's network a pod sees the
 * host's file, unless it asks for the cluster's names (dnsPolicy ClusterFirstWithHostNet) or for aliases.
 */
export function managesHosts({ spec }: DesiredPod): boolean {
  if (spec.hostNetwork !== true) return true;
  return spec.dnsPolicy === 'ClusterFirstWithHostNet' || (spec.hostAliases ?? []).length > 0;
}

/** One line per address, "" where there is nobody. */
export function neighbourLines(neighbours: readonly Neighbour[], reader: Reader): string {
  const lines = neighbours.flatMap((neighbour) => {
    const names = namesFor(neighbour, reader).join('\t');
    return neighbour.ips.map((ip) => `${ip}\t${names}`);
  });
  return lines.length === 0 ? '' : `\n# Pods of this node.\n${lines.join('\n')}\n`;
}

function namesFor(pod: Neighbour, { namespace, clusterDomain }: Reader): readonly string[] {
  const inSubdomain = pod.subdomain === undefined ? [] : [`${pod.host}.${pod.subdomain}`];
  const plain = [pod.name, pod.shortName];
  const full = inSubdomain.map(
    (name) => `${name}.${pod.namespace}.svc${clusterDomain === '' ? '' : `.${clusterDomain}`}`,
  );
  const abroad = [...plain, ...inSubdomain].map((name) => `${name}.${pod.namespace}`);
  const near = pod.namespace === namespace ? [...plain, ...inSubdomain] : [];
  return [...new Set([...full, ...near, ...abroad])];
}
