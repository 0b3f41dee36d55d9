// `port-forward`: listens here and carries each connection into the pod's network, on a session of its own: a slow
// reader holds up nobody else, and a restarted pod is found again by its name.
import { createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Pod } from '../../api/kubernetes.ts';
import { ok, type Result } from '../../lib/result.ts';
import { printable } from '../../manifest/format.ts';
import { podNamespace } from '../../server/selectPods.ts';
import { upgradeRunner } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { socketPath } from '../settings.ts';
import { createSpdyConnection } from '../stream/spdy.ts';
import { findPodOf, type NamedContainer } from '../stream/target.ts';
import { type PortPair, parsePortPair } from './ports.ts';

const PROTOCOL = 'portforward.k8s.io';

export interface ForwardQuery extends NamedContainer {
  readonly ports: readonly string[];
  readonly addresses: readonly string[];
}

export async function portForward(cli: Cli, query: ForwardQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const pod = await findPodOf(socket.value, query);
  if (!pod.ok) return fail(io, pod.error);
  const pairs: PortPair[] = [];
  for (const text of query.ports) {
    const pair = parsePortPair(text, pod.value);
    if (!pair.ok) return fail(io, pair.error);
    pairs.push(pair.value);
  }
  const interrupted = io.interrupted();
  const servers: Server[] = [];
  try {
    for (const address of query.addresses) {
      for (const pair of pairs) {
        const server = await listen(io, { socketPath: socket.value, pod: pod.value, pair, address }, interrupted);
        if (!server.ok) return fail(io, server.error);
        servers.push(server.value);
      }
    }
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve();
      interrupted.addEventListener('abort', () => resolve(), { once: true });
    });
    return EXIT.interrupted;
  } finally {
    for (const server of servers) server.close();
  }
}

interface Listening {
  readonly socketPath: string;
  readonly pod: Pod;
  readonly pair: PortPair;
  readonly address: string;
}

function listen(io: Io, listening: Listening, signal: AbortSignal): Promise<Result<Server, Failure>> {
  const { pair, address } = listening;
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true }, (local) => {
      io.out(`Handling connection for ${place(server)}\n`);
      void carry(io, { ...listening, local }, signal);
    });
    server.once('error', (cause) => {
      const message = `Cannot listen on ${address}:${pair.local}: ${cause.message}`;
      resolve({ ok: false, error: { exitCode: EXIT.failed, message } });
    });
    server.listen(pair.local, address, () => {
      io.out(`Forwarding from ${place(server)} -> ${pair.remote}\n`);
      resolve(ok(server));
    });
  });
}

function place(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return '?';
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}

async function carry(io: Io, forwarded: Listening & { readonly local: Socket }, signal: AbortSignal): Promise<void> {
  const { socketPath: socket, pod, pair, local } = forwarded;
  local.on('error', () => {});
  const path = `/portForward/${[podNamespace(pod), pod.metadata?.name ?? ''].map(encodeURIComponent).join('/')}`;
  const upgraded = await upgradeRunner(socket, { path, protocol: PROTOCOL }, signal);
  if (!upgraded.ok) {
    if (!signal.aborted) fail(io, upgraded.error);
    local.destroy();
    return;
  }
  const connection = createSpdyConnection(upgraded.value.socket, upgraded.value.head);
  const end = () => {
    connection.close();
    local.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  // Both streams of a connection carry the same number.
  const headers = { port: String(pair.remote), requestID: '0' };
  const errors = connection.open({ streamType: 'error', ...headers });
  const data = connection.open({ streamType: 'data', ...headers });
  errors.end();
  const trouble = text(errors).catch(() => '');
  // A side that is done sending is told so; the other may go on.
  await Promise.allSettled([pipeline(local, data), pipeline(data, local)]);
  const message = await Promise.race([trouble, connection.closed.then(() => '')]);
  if (message !== '' && !signal.aborted) io.err(`Port ${pair.remote}: ${printable(message)}\n`);
  signal.removeEventListener('abort', end);
  end();
}
