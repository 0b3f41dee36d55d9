// The text of a pod's managed /etc/hosts. Pure.
// Rule: the kubelet's managed hosts file; https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/
import type { HostAlias } from '../api/kubernetes.ts';
import type { PodHostname } from './hostname.ts';

const STANDARD_LINES = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** For a pod with a network of its own: the usual local names, and the pod's name at each of its addresses. */
export function podHostsFile(
  podIPs: readonly string[],
  names: PodHostname & { readonly aliases: readonly HostAlias[] },
): string {
  const { host, domain, aliases } = names;
  const own = domain === undefined ? host : `${host}.${domain}\t${host}`;
  const lines = ['# Kubernetes-managed hosts file.', ...STANDARD_LINES, ...podIPs.map((ip) => `${ip}\t${own}`)];
  return `${lines.join('\n')}\n${aliasLines(aliases)}`;
}

/** For a pod on the host's network: what the host has, and the pod's aliases. */
export function hostNetworkHostsFile(hostFile: string, aliases: readonly HostAlias[]): string {
  return `# Kubernetes-managed hosts file (host network).\n${hostFile}${aliasLines(aliases)}`;
}

function aliasLines(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return '';
  const lines = aliases.map((alias) => [alias.ip, ...(alias.hostnames ?? [])].join('\t'));
  return `\n# Entries added by HostAliases.\n${lines.join('\n')}\n`;
}
