// /exec, /attach and /portForward: asks the runtime for a session and then hands the upgraded connection through, byte by
// byte, to the runtime's own streaming server. Whatever protocol the client speaks there (SPDY, WebSocket) is between
// the two; nothing is decoded or kept here. Rule: kubelet server.go and its upgrade-aware proxy.
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Fault } from '../api/fault.ts';
import type { Result } from '../lib/result.ts';
import type { RunnerPort } from '../ports/runner.ts';
import type { StreamFlags } from '../ports/streams.ts';
import type { Backends } from './backends.ts';
import { findPod, runningInstance } from './findContainer.ts';
import { readFlag } from './query.ts';
import { statusObject } from './respond.ts';
import { type Params, Refusal, type Route } from './route.ts';

/** What a session is asked for with. */
interface Session {
  readonly query: URLSearchParams;
  readonly params: Params;
  readonly runner: RunnerPort;
  readonly backends: Backends;
  readonly signal: AbortSignal;
}

interface StreamRoute {
  readonly paths: readonly string[];
  /** The address at the runtime. @throws Refusal */
  open(session: Session): Promise<Result<string, Fault>>;
}

const PORT_MAX = 65_535;

const STREAM_ROUTES: readonly StreamRoute[] = [
  { paths: containerPaths('exec'), open: openExec },
  { paths: containerPaths('attach'), open: openAttach },
  { paths: ['/portForward/:namespace/:pod', '/portForward/:namespace/:pod/:uid'], open: openPortForward },
];

function containerPaths(verb: string): readonly string[] {
  return [`/${verb}/:namespace/:pod/:container`, `/${verb}/:namespace/:pod/:uid/:container`];
}

/** By path, for requests that ask for an upgrade. */
export const UPGRADES: ReadonlyMap<string, StreamRoute['open']> = new Map(
  STREAM_ROUTES.flatMap(({ paths, open }) => paths.map((path) => [path, open] as const)),
);

/** The same paths without an upgrade: refused. */
export const streamRoutes: readonly Route[] = STREAM_ROUTES.flatMap(({ paths }) =>
  paths.flatMap((path) =>
    (['GET', 'POST'] as const).map((method) => ({
      method,
      path,
      handle: () => {
        throw new Refusal(
          400,
          'Upgrade request required: this is a stream of bytes in both directions (SPDY or WebSocket)',
        );
      },
    })),
  ),
);

async function openExec(session: Session): Promise<Result<string, Fault>> {
  const command = session.query.getAll('command');
  if (command.length === 0) throw new Refusal(400, 'The parameter "command" is missing');
  const flags = readStreams(session.query);
  const { id } = containerOf(session);
  return session.backends.streams.exec(id, { command, ...flags }, session.signal);
}

async function openAttach(session: Session): Promise<Result<string, Fault>> {
  const flags = readStreams(session.query);
  const { id } = containerOf(session);
  return session.backends.streams.attach(id, flags, session.signal);
}

async function openPortForward({ params, query, runner, backends, signal }: Session): Promise<Result<string, Fault>> {
  const pod = findPod(runner, podOf(params));
  const { sandboxId } = runner.instances(pod.metadata?.uid ?? '');
  if (sandboxId === undefined) throw new Refusal(400, `pod "${pod.metadata?.name}" has no network: it is not running`);
  const ports = query
    .getAll('port')
    .concat(query.getAll('ports'))
    .flatMap((text) => text.split(','))
    .map(readPort);
  return backends.streams.portForward(sandboxId, ports, signal);
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= PORT_MAX) return port;
  throw new Refusal(400, `The parameter "port" must be from 1 to ${PORT_MAX}, got ${JSON.stringify(text)}`);
}

function containerOf({ runner, params }: Session): { readonly id: string } {
  return runningInstance(runner, findPod(runner, podOf(params)), params['container'] ?? '');
}

function podOf(params: Params): { namespace: string; pod: string; uid?: string } {
  const { namespace = '', pod = '', uid } = params;
  return { namespace, pod, ...(uid === undefined ? {} : { uid }) };
}

/** Kubelet's names, and those of an API server. At least one stream; with a terminal there is no stream for errors. */
function readStreams(query: URLSearchParams): StreamFlags {
  const either = (name: string, other: string) => readFlag(query, name) || readFlag(query, other);
  const tty = readFlag(query, 'tty');
  const flags = {
    stdin: either('input', 'stdin'),
    stdout: either('output', 'stdout'),
    stderr: either('error', 'stderr') && !tty,
    tty,
  };
  if (flags.stdin || flags.stdout || flags.stderr) return flags;
  throw new Refusal(400, 'You must specify at least 1 of stdin, stdout, stderr');
}

/** Connects the client with what answers at `url`; the end of one is the end of the other. */
export async function tunnel(
  { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const target = URL.parse(url);
  if (target === null || target.protocol !== 'http:')
    throw new Refusal(501, 'The container runtime offers streams in a way that is not supported here: only http is');
  const upstream = await dial(target, signal);
  const search = request.url?.includes('?') === true ? request.url.slice(request.url.indexOf('?')) : '';
  upstream.write(requestHead(request, { target, search }));
  upstream.write(head);
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  upstream.on('error', () => socket.destroy());
  // What the runtime said last may still be on its way to a slow client.
  upstream.on('close', () => socket.end());
  socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  socket.pipe(upstream);
  upstream.pipe(socket);
}

const DIAL_TIMEOUT_MS = 10_000;

function dial(target: URL, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const upstream = connect({ host, port: Number(target.port === '' ? 80 : target.port), noDelay: true });
    const late = AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
    const giveUp = () => upstream.destroy(new Error('no answer'));
    late.addEventListener('abort', giveUp, { once: true });
    upstream.once('connect', () => {
      late.removeEventListener('abort', giveUp);
      resolve(upstream);
    });
    upstream.once('error', (cause) => {
      reject(
        new Refusal(
          502,
          `Cannot reach the streaming server of the container runtime at ${target.host}: ${cause.message}`,
        ),
      );
    });
  });
}

/** The client's own request, with another target and host. */
function requestHead(request: IncomingMessage, to: { readonly target: URL; readonly search: string }): string {
  const lines = [`${request.method} ${to.target.pathname}${to.search} HTTP/1.1`, `Host: ${to.target.host}`];
  const { rawHeaders } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'host') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A refusal on a connection that asked for an upgrade: there is no ServerResponse for it. */
export function refuseUpgrade(socket: Duplex, code: number, message: string): void {
  const body = `${JSON.stringify(statusObject(code, message))}\n`;
  const head = [
    `HTTP/1.1 ${code} Refused`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
