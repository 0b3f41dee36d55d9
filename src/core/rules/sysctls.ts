// Which sysctls a pod may set: those that are namespaced and harmless, and those that the configuration allows. Pure.
// Rule: kubelet sysctl allow-list. That a sysctl belongs to a namespace the pod shares with the host is refused before,
// by validation.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { Refusal } from '../world.ts';

const SAFE: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** @param allowed names, or prefixes that end with "*" (allowedUnsafeSysctls) */
export function sysctlRefusal(pod: DesiredPod, allowed: readonly string[]): Refusal | undefined {
  for (const { name: given } of pod.spec.securityContext?.sysctls ?? []) {
    const name = dotted(given);
    const isAllowed = allowed.some((rule) => (rule.endsWith('*') ? name.startsWith(rule.slice(0, -1)) : name === rule));
    if (SAFE.has(name) || isAllowed) continue;
    return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${name}" not allowlisted` };
  }
  return undefined;
}

/** "net/ipv4/x.y" is another spelling of "net.ipv4.x/y". */
function dotted(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (c) => (c === '/' ? '.' : '/')) : name;
}
