// Ports as `port-forward` takes them: 8080 (the same on both sides), 8080:80, 8080:http, :80 (any free port). Pure.
import type { Pod } from '../../api/kubernetes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { EXIT, type Failure } from '../exitCodes.ts';

export interface PortPair {
  /** 0: any free port. */
  readonly local: number;
  readonly remote: number;
}

const PORT_MAX = 65_535;

export function parsePortPair(text: string, pod: Pod): Result<PortPair, Failure> {
  const parts = text.split(':');
  const [first = '', second] = parts;
  const remote = remotePort(second ?? first, pod);
  const local = second === undefined ? remote : first === '' ? 0 : localPort(first);
  if (parts.length > 2 || remote === undefined || local === undefined) return err(wrong(text, pod));
  return ok({ local, remote });
}

function localPort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= PORT_MAX ? port : undefined;
}

function remotePort(text: string, pod: Pod): number | undefined {
  const port = localPort(text);
  if (port !== undefined) return port === 0 ? undefined : port;
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === text && text !== '')?.containerPort;
}

function wrong(text: string, pod: Pod): Failure {
  const named = (pod.spec?.containers ?? [])
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ name }) => name ?? []);
  const names = named.length === 0 ? '' : ` (or by name: ${named.join(', ')})`;
  return {
    exitCode: EXIT.usage,
    message: `Cannot read the ports "${text}": give 8080, 8080:80 or :80, each from 1 to ${PORT_MAX}${names}`,
  };
}
