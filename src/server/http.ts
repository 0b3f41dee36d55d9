// The local API: HTTP on a unix socket, never on TCP. Owns dispatch, limits and refusals; what is answered stands
// in routes/. Every refusal is a Kubernetes Status object, as an API server would send it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RunnerPort } from '../ports/runner.ts';
import type { Backends } from './backends.ts';
import { sendJson, statusObject } from './respond.ts';
import { type Exchange, type HealthCheck, Refusal } from './route.ts';
import { findRoute } from './routes.ts';
import { bindSocket } from './socket.ts';
import { answerUpgrade, isUpgrade } from './upgrade.ts';

const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
const HEADER_MAX_BYTES = 16 * 1024;
const CONNECTIONS_MAX = 256;
/** How long requests in flight may go on after close() was called. */
const CLOSE_GRACE_MS = 1_000;

/** The part of a pino logger that the server writes to. */
export interface ServerLog {
  debug(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ServerOptions {
  /** Absolute path of the unix socket. */
  readonly socketPath: string;
  readonly runner: RunnerPort;
  readonly backends: Backends;
  readonly log: ServerLog;
  /** Further questions for /healthz and /livez, such as the age of the loop's last turn. */
  readonly checks?: readonly HealthCheck[];
}

export interface RunningServer {
  /** Ends watches, lets requests in flight finish within a second and removes the socket. */
  close(): Promise<void>;
}

/**
 * Starts the local API.
 * @throws Error when the socket cannot be had: in use by a live runner, not a socket, path too long, no permission.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const exchanges = new Set<AbortController>();
  const server = createServer(
    {
      headersTimeout: HEADER_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_MAX_BYTES,
      requireHostHeader: false,
      // Anybody else who offers an upgrade is answered as if there were no offer.
      shouldUpgradeCallback: isUpgrade,
    },
    (request, response) => {
      const gone = new AbortController();
      exchanges.add(gone);
      response.once('close', () => {
        exchanges.delete(gone);
        gone.abort();
      });
      void answer({ request, response, options, signal: gone.signal });
    },
  );
  server.on('upgrade', (request, socket, head) => {
    const gone = new AbortController();
    exchanges.add(gone);
    socket.once('close', () => {
      exchanges.delete(gone);
      gone.abort();
    });
    void answerUpgrade({ request, socket, head }, options, gone.signal);
  });
  server.maxConnections = CONNECTIONS_MAX;
  const removeSocket = await bindSocket(server, options.socketPath);
  server.on('error', (err) => options.log.error({ err }, 'Local API failed'));
  return {
    close: async () => {
      await removeSocket();
      const closed = closeServer(server);
      for (const exchange of exchanges) exchange.abort();
      await closed;
    },
  };
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: ServerOptions;
  readonly signal: AbortSignal;
}

async function answer(incoming: Incoming): Promise<void> {
  const { request, response, options } = incoming;
  try {
    await dispatch(incoming);
    options.log.debug({ method: request.method, url: request.url, code: response.statusCode }, 'Answered request');
  } catch (cause) {
    refuse(incoming, cause);
  }
}

async function dispatch({ request, response, options, signal }: Incoming): Promise<void> {
  const url = parseUrl(request.url ?? '/');
  const { route, params } = findRoute(request.method ?? 'GET', url.pathname);
  const exchange: Exchange = {
    request,
    response,
    query: url.searchParams,
    params,
    runner: options.runner,
    backends: options.backends,
    checks: options.checks ?? [],
    signal,
  };
  await route.handle(exchange);
}

function refuse({ request, response, options }: Incoming, cause: unknown): void {
  const known = cause instanceof Refusal;
  if (!known) options.log.error({ err: cause, method: request.method, url: request.url }, 'Failed to answer request');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = known ? cause : new Refusal(500, 'Cannot answer the request: see the log of the runner');
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  sendJson(response, refusal.code, statusObject(refusal.code, refusal.message));
}

function parseUrl(target: string): URL {
  const url = URL.parse(target, 'http://localhost');
  if (url === null) throw new Refusal(400, 'The request target is not a URL path');
  return url;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
