// Where a handler's connection goes: the pod's address unless the manifest names a host, and a port by number or by name.
// Rule: kubelet prober (extractPort, host defaulting).
import type { Container, IntOrString } from '../api/kubernetes.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { ProbeTarget } from '../ports/probes.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** On the host's network a pod has no address of its own: its ports are those of this machine. */
const HOST_NETWORK_HOST = '127.0.0.1';

/** @returns else a sentence that says why there is nowhere to connect to */
export function addressOf(
  target: ProbeTarget,
  { host, port }: { readonly host?: string | undefined; readonly port: IntOrString },
): Result<Address, string> {
  const number = portOf(target.container, port);
  if (!number.ok) return number;
  const fallback = target.pod.spec.hostNetwork === true ? HOST_NETWORK_HOST : target.podIP;
  const chosen = host === undefined || host === '' ? fallback : host;
  if (chosen === undefined) return err('the pod has no IP address');
  return ok({ host: chosen.replace(/^\[(.*)\]$/, '$1'), port: number.value });
}

/** "10.0.0.1:80", "[::1]:80". */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function portOf(container: Container, port: IntOrString): Result<number, string> {
  const named = typeof port === 'string' ? container.ports?.find(({ name }) => name === port) : undefined;
  const number = named?.containerPort ?? (/^\d+$/.test(String(port)) ? Number(port) : undefined);
  if (number === undefined) return err(`container "${container.name}" has no port named "${port}"`);
  return number > 0 && number < 65536 ? ok(number) : err(`invalid port number: ${number}`);
}
