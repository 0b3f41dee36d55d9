// One session in a container: standard streams over one connection, and the exit code from its error stream.
// Protocol: Kubernetes' remote command v4: the streams error, stdin, stdout, stderr and resize; the error stream ends
// with a Status object.
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { err, ok, type Result } from '../../lib/result.ts';
import { upgradeRunner } from '../client.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { createSpdyConnection, type SpdyConnection } from './spdy.ts';

const PROTOCOL = 'v4.channel.k8s.io';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface RemoteSession {
  readonly socketPath: string;
  /** With the query that asks for the same streams. */
  readonly path: string;
  readonly stdin?: Readable;
  readonly stdout: Writable;
  /** Absent with a terminal. */
  readonly stderr?: Writable;
  /** With a terminal: calls back with its size, now and whenever it changes, until the signal aborts. */
  readonly sizes?: (changed: (size: TerminalSize) => void, signal: AbortSignal) => void;
}

/** @returns the exit code of what ran */
export async function runRemote(session: RemoteSession, signal: AbortSignal): Promise<Result<number, Failure>> {
  const upgraded = await upgradeRunner(session.socketPath, { path: session.path, protocol: PROTOCOL }, signal);
  if (!upgraded.ok) return upgraded;
  const connection = createSpdyConnection(upgraded.value.socket, upgraded.value.head);
  const over = new AbortController();
  const end = () => connection.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await converse(connection, session, over.signal);
  } finally {
    over.abort();
    signal.removeEventListener('abort', end);
    connection.close();
  }
}

async function converse(
  connection: SpdyConnection,
  { stdin, stdout, stderr, sizes }: RemoteSession,
  over: AbortSignal,
): Promise<Result<number, Failure>> {
  const verdict = text(connection.open({ streamType: 'error' })).catch(() => '');
  if (stdin !== undefined) send(stdin, connection.open({ streamType: 'stdin' }), over);
  const outputs = [receive(connection.open({ streamType: 'stdout' }), stdout)];
  if (stderr !== undefined) outputs.push(receive(connection.open({ streamType: 'stderr' }), stderr));
  if (sizes !== undefined) {
    const resize = connection.open({ streamType: 'resize' });
    resize.on('error', () => {});
    sizes(({ columns, rows }) => void resize.write(`${JSON.stringify({ Width: columns, Height: rows })}\n`), over);
  }
  await Promise.all(outputs);
  return readVerdict(await verdict);
}

/** What a container does not read any more is no error. */
function send(from: Readable, to: Writable, over: AbortSignal): void {
  pipeline(from, to, { signal: over }).catch(() => undefined);
}

async function receive(from: Readable, to: Writable): Promise<void> {
  await pipeline(from, to, { end: false }).catch(() => undefined);
}

interface StatusObject {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** The exit code in a v4 status; a sentence when nothing could be run at all. */
export function readVerdict(statusText: string): Result<number, Failure> {
  const status = parse(statusText);
  if (status === undefined) {
    const message =
      statusText === '' ? 'The session ended without a result: the container or the runner has gone' : statusText;
    return err({ exitCode: EXIT.failed, message });
  }
  if (status.status === 'Success') return ok(0);
  const code = Number(status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message ?? Number.NaN);
  if (status.reason === 'NonZeroExitCode' && Number.isInteger(code)) return ok(code);
  const message = status.message ?? 'The session failed and does not say why';
  return err({ exitCode: exitCodeFor(message), message });
}

/** As a shell has them. */
function exitCodeFor(message: string): number {
  if (/executable file not found|no such file or directory/i.test(message)) return EXIT.notFound;
  if (/permission denied|is a directory/i.test(message)) return EXIT.notExecutable;
  return EXIT.failed;
}

function parse(text: string): StatusObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
