// The host name that a pod's processes see. Pure. Rule: kubelet, pod hostname, subdomain, setHostnameAsFQDN and
// hostnameOverride, https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pods
import type { DesiredPod } from '../../api/desiredPod.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** What a DNS label may have. */
const LABEL_MAX = 63;
/** What the kernel's nodename can hold. */
const NODENAME_MAX = 64;

/** @returns "" on the host's network; an error text where the full name does not fit into the kernel */
export function sandboxHostname(pod: DesiredPod, clusterDomain: string): Result<string, string> {
  const { spec, metadata } = pod;
  if (spec.hostNetwork === true) return ok('');
  if (spec.hostnameOverride) return ok(truncate(spec.hostnameOverride));
  const host = truncate(spec.hostname || metadata.name);
  if (spec.setHostnameAsFQDN !== true || !spec.subdomain) return ok(host);
  const fqdn = `${host}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}`;
  if (fqdn.length <= NODENAME_MAX) return ok(fqdn);
  return err(
    `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${fqdn} is too long ` +
      `(${NODENAME_MAX} characters is the max, ${fqdn.length} characters requested)`,
  );
}

function truncate(name: string): string {
  return name.length <= LABEL_MAX ? name : name.slice(0, LABEL_MAX).replace(/[-.]+$/, '');
}
