// Requests that turn their connection into a stream of bytes: which they are, and how they are answered or refused.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RunnerPort } from '../ports/runner.ts';
import type { Backends } from './backends.ts';
import { Refusal } from './route.ts';
import { matchPattern } from './routes.ts';
import { refuseUpgrade, tunnel, UPGRADES } from './streams.ts';

interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface UpgradeOptions {
  readonly runner: RunnerPort;
  readonly backends: Backends;
  readonly log: {
    debug(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

/** True for a path that has streams, asked with a method that may open them. */
export function isUpgrade({ method, url }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'POST') && findStream(url ?? '/') !== undefined;
}

/** Opens the session and hands the connection through. Never throws: what goes wrong is told to the client. */
export async function answerUpgrade(
  upgrade: UpgradeRequest,
  { runner, backends, log }: UpgradeOptions,
  signal: AbortSignal,
): Promise<void> {
  const { request, socket } = upgrade;
  socket.on('error', () => {});
  try {
    const found = findStream(request.url ?? '/');
    if (found === undefined) throw new Refusal(404, 'The server has no such stream');
    const opened = await found.open({ query: found.query, params: found.params, runner, backends, signal });
    if (!opened.ok) throw new Refusal(500, opened.error.message);
    await tunnel(upgrade, opened.value, signal);
    // The query may hold a command, and the command a password.
    log.debug({ method: request.method, path: found.path }, 'Opened stream');
  } catch (cause) {
    if (!(cause instanceof Refusal)) log.error({ err: cause }, 'Failed to open stream');
    if (cause instanceof Refusal) refuseUpgrade(socket, cause.code, cause.message);
    else refuseUpgrade(socket, 500, 'Cannot answer the request: see the log of the runner');
  }
}

function findStream(target: string) {
  const url = URL.parse(target, 'http://localhost');
  if (url === null) return undefined;
  for (const [pattern, open] of UPGRADES) {
    const params = matchPattern(pattern, url.pathname);
    if (params !== undefined) return { open, params, path: url.pathname, query: url.searchParams };
  }
  return undefined;
}
