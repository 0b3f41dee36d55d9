// Containers that serve something to probes, made of busybox alone, and servers of the test's own for handlers.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Container } from '../../src/api/kubernetes.ts';
import { FOREVER, shell } from './lab.ts';

/** Pages: `/` is always there; `/cgi-bin/healthz` is, until 4 s after the start, then it answers 500. */
export function pageServer(port: number): Container {
  return httpd(port, cgi('healthz', HEALTHZ));
}

/** Pages as above, and `/cgi-bin/redirect` which leads to a location. */
export function redirectServer(port: number, location: string): Container {
  return httpd(
    port,
    cgi('healthz', HEALTHZ),
    cgi('redirect', `echo Status: 302; echo Location: ${location}; echo; echo see ${location}`),
  );
}

const HEALTHZ =
  'read now rest </proc/uptime; read begun rest </tmp/begun; ' +
  '[ $(( ${now%.*} - ${begun%.*} )) -ge 4 ] && echo Status: 500 || echo Status: 200; echo; echo asked';

function httpd(port: number, ...scripts: readonly string[]): Container {
  return shell(
    'app',
    'cat /proc/uptime >/tmp/begun',
    'mkdir -p /tmp/www/cgi-bin; echo hello >/tmp/www/index.html',
    ...scripts,
    "trap 'exit 0' TERM",
    `httpd -f -p ${port} -h /tmp/www &`,
    FOREVER,
  );
}

function cgi(name: string, script: string): string {
  const file = `/tmp/www/cgi-bin/${name}`;
  return `printf '%s\\n' '#!/bin/sh' '${script}' >${file}; chmod 755 ${file}`;
}

// The answer of a gRPC health service that serves, as it stands on the wire (RFC 9113 frames, RFC 7541 headers).
const SETTINGS = frame({ type: 4, flags: 0, stream: 0, payload: '' });
const SETTINGS_ACK = frame({ type: 4, flags: 1, stream: 0, payload: '' });
const HEADERS = frame({ type: 1, flags: 4, stream: 1, payload: `\x88${literal('content-type', 'application/grpc')}` });
const SERVING = frame({ type: 0, flags: 0, stream: 1, payload: '\x00\x00\x00\x00\x02\x08\x01' });
const TRAILERS = frame({ type: 1, flags: 5, stream: 1, payload: literal('grpc-status', '0') });
/** Of a request: beyond the preface and the settings, so that its headers have begun to arrive. */
const REQUEST_BYTES = 140;

/** A gRPC health service that always serves: it waits for a request and says the same to every one. */
export function healthServer(port: number): Container {
  const answer = [
    `printf '${SETTINGS}${SETTINGS_ACK}'`,
    `head -c ${REQUEST_BYTES} >/dev/null`,
    `printf '${HEADERS}${SERVING}${TRAILERS}'`,
    'cat >/dev/null',
  ];
  return shell(
    'app',
    `cat >/tmp/answer <<'END'`,
    '#!/bin/sh',
    ...answer,
    'END',
    'chmod 755 /tmp/answer',
    "trap 'exit 0' TERM",
    `nc -ll -p ${port} -e /tmp/answer &`,
    FOREVER,
  );
}

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** One character per byte. */
  readonly payload: string;
}

/** As printf of a shell takes it. */
function frame({ type, flags, stream, payload }: Frame): string {
  const head = [0, 0, payload.length, type, flags, 0, 0, 0, stream];
  const bytes = [...head, ...[...payload].map((c) => c.charCodeAt(0))];
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A header field that is not indexed, in plain text. */
function literal(name: string, value: string): string {
  const text = (s: string): string => String.fromCharCode(s.length) + s;
  return `\x00${text(name)}${text(value)}`;
}

/** A server in the test itself, for handlers that the node calls: it answers everything and remembers what was asked. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Paths, in the order of the requests. */
  readonly asked: readonly string[];
}

export async function listen(
  make: (handle: (request: IncomingMessage, response: ServerResponse) => void) => ReturnType<typeof createServer> = (
    handle,
  ) => createServer(handle),
): Promise<Listener> {
  const asked: string[] = [];
  const server = make((request, response) => {
    asked.push(request.url ?? '');
    response.end('thank you');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
