// Host name and domain of a pod. Pure.
// Rule: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-hostname-and-subdomain-field
import type { DesiredPod } from '../api/desiredPod.ts';
import { err, ok, type Result } from '../lib/result.ts';

/** Longest DNS label, and what a host name is cut to. */
const LABEL_MAX = 63;
/** Longest name that the kernel takes. */
const KERNEL_NAME_MAX = 64;

export interface PodHostname {
  readonly host: string;
  /** "<subdomain>.<namespace>.svc.<cluster domain>"; absent without a subdomain. */
  readonly domain?: string;
}

export function podHostname(pod: DesiredPod, clusterDomain: string): PodHostname {
  const { hostnameOverride, hostname, subdomain } = pod.spec;
  if (hostnameOverride !== undefined && hostnameOverride !== '') return { host: toLabel(hostnameOverride) };
  const host = toLabel(hostname === undefined || hostname === '' ? pod.metadata.name : hostname);
  if (subdomain === undefined || subdomain === '') return { host };
  return { host, domain: `${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}` };
}

/**
 * The name that the sandbox gets as its kernel host name; "" on the host's network.
 *
 * @returns an error message when the fully qualified name is longer than the kernel takes
 */
export function kernelHostname(pod: DesiredPod, clusterDomain: string): Result<string, string> {
  if (pod.spec.hostNetwork === true) return ok('');
  const { host, domain } = podHostname(pod, clusterDomain);
  if (pod.spec.setHostnameAsFQDN !== true || domain === undefined) return ok(host);
  const fqdn = `${host}.${domain}`;
  if (fqdn.length <= KERNEL_NAME_MAX) return ok(fqdn);
  return err(
    `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${fqdn} is too long (${KERNEL_NAME_MAX} characters is the max, ${fqdn.length} characters requested)`,
  );
}

function toLabel(name: string): string {
  return name.length <= LABEL_MAX ? name : name.slice(0, LABEL_MAX).replace(/[-.]+$/, '');
}
