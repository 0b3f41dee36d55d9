// Talks to the runner over its unix socket. Turns every way in which that can fail into one sentence and an exit
// code; knows nothing of how answers are shown.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { err, ok, type Result } from '../lib/result.ts';
import type { PodSelection, RunnerSnapshot, RunnerVerb } from '../ports/runner.ts';
import { EXIT, type Failure } from './exitCodes.ts';

/** A runner that works answers at once; the bound is for one that hangs. */
const ANSWER_TIMEOUT_MS = 10_000;
/** The runtime is asked before the answer. */
const UPGRADE_TIMEOUT_MS = 45_000;
/** Largest answer that is read, in bytes. */
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** No runner listens on the socket: the one failure that `stop --all` can live with. */
export interface ClientFailure extends Failure {
  readonly kind: 'noRunner' | 'denied' | 'refused' | 'broken';
}

/** Sends one request and reads the whole answer as JSON. */
export async function callRunner(socketPath: string, call: Call): Promise<Result<unknown, ClientFailure>> {
  const opened = await open(socketPath, { call, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  if (!opened.ok) return opened;
  return readAnswer(socketPath, opened.value);
}

/** Everything the runner tells people, as of now. */
export async function readSnapshot(socketPath: string): Promise<Result<RunnerSnapshot, ClientFailure>> {
  const answer = await callRunner(socketPath, { method: 'GET', path: '/status' });
  return answer.ok ? decodeSnapshot(socketPath, answer.value) : answer;
}

/**
 * The present snapshot and then one per change, until the signal aborts.
 * Ends with a failure when the runner goes away.
 */
export async function* watchSnapshots(
  socketPath: string,
  signal: AbortSignal,
): AsyncGenerator<Result<RunnerSnapshot, ClientFailure>, void> {
  const opened = await open(socketPath, { call: { method: 'GET', path: '/status?watch=1' }, signal });
  if (signal.aborted) return;
  if (!opened.ok) return yield opened;
  if (opened.value.statusCode !== 200) {
    const answer = await readAnswer(socketPath, opened.value);
    return yield answer.ok ? err(misunderstood(socketPath)) : answer;
  }
  try {
    for await (const line of createInterface({ input: opened.value, crlfDelay: Number.POSITIVE_INFINITY })) {
      const value = parseJson(line);
      yield value === undefined ? err(misunderstood(socketPath)) : decodeSnapshot(socketPath, value);
    }
  } catch {
    // The connection broke: said below, unless we broke it.
  } finally {
    opened.value.destroy();
  }
  if (!signal.aborted) yield err(broken(`The runner at ${socketPath} has ended`));
}

/** Opens an answer that may be long or go on for ever. The answer fails while it is read when the runner goes away. */
export async function openStream(
  socketPath: string,
  path: string,
  signal: AbortSignal,
): Promise<Result<IncomingMessage, ClientFailure>> {
  const opened = await open(socketPath, { call: { method: 'GET', path }, signal });
  if (!opened.ok || opened.value.statusCode === 200) return opened;
  const answer = await readAnswer(socketPath, opened.value);
  return answer.ok ? err(misunderstood(socketPath)) : answer;
}

/** A connection that carries something else than HTTP from now on, and what came with the answer. */
export interface Upgraded {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Turns a connection into one of SPDY/3.1 for a stream protocol of Kubernetes. */
export function upgradeRunner(
  socketPath: string,
  wanted: { readonly path: string; readonly protocol: string },
  signal: AbortSignal,
): Promise<Result<Upgraded, ClientFailure>> {
  return new Promise((resolve) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': wanted.protocol,
    };
    const sent = request({ socketPath, path: wanted.path, method: 'POST', agent: false, headers, signal });
    const late = setTimeout(() => sent.destroy(), UPGRADE_TIMEOUT_MS);
    const settle = (result: Result<Upgraded, ClientFailure>): void => {
      clearTimeout(late);
      resolve(result);
    };
    sent.once('upgrade', (_, socket, head) => settle(ok({ socket, head })));
    sent.once('response', (response) => {
      void readAnswer(socketPath, response).then((answer) =>
        settle(answer.ok ? err(misunderstood(socketPath)) : answer),
      );
    });
    sent.on('error', (error) => settle(err(explain(socketPath, error))));
    sent.end();
  });
}

/** @returns the keys "namespace/name" of the pods that are meant. */
export async function requestPods(
  socketPath: string,
  request: { readonly verb: RunnerVerb; readonly selection: PodSelection },
): Promise<Result<readonly string[], ClientFailure>> {
  const path = `/pods/${request.verb}`;
  const answer = await callRunner(socketPath, { method: 'POST', path, body: request.selection });
  if (!answer.ok) return answer;
  const pods = isRecord(answer.value) ? answer.value['pods'] : undefined;
  return isStrings(pods) ? ok(pods) : err(misunderstood(socketPath));
}

/** @returns the keys of the pods that end now. */
export async function acceptRemovals(socketPath: string): Promise<Result<readonly string[], ClientFailure>> {
  const answer = await callRunner(socketPath, { method: 'POST', path: '/sources/accept', body: {} });
  if (!answer.ok) return answer;
  const pods = isRecord(answer.value) ? answer.value['pods'] : undefined;
  return isStrings(pods) ? ok(pods) : err(misunderstood(socketPath));
}

interface Opening {
  readonly call: Call;
  readonly signal: AbortSignal;
}

function open(socketPath: string, { call, signal }: Opening): Promise<Result<IncomingMessage, ClientFailure>> {
  return new Promise((resolve) => {
    const late = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const sent: ClientRequest = request({ socketPath, path: call.path, method: call.method, agent: false, signal });
    const hurry = () => sent.destroy();
    late.addEventListener('abort', hurry);
    sent.once('response', (response) => {
      late.removeEventListener('abort', hurry);
      resolve(ok(response));
    });
    sent.on('error', (error) => resolve(err(late.aborted ? silent(socketPath) : explain(socketPath, error))));
    if (call.body !== undefined) sent.setHeader('content-type', 'application/json');
    sent.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

async function readAnswer(socketPath: string, response: IncomingMessage): Promise<Result<unknown, ClientFailure>> {
  const text = await readText(response);
  if (text === undefined) return err(broken(`The runner at ${socketPath} broke off its answer`));
  const value = parseJson(text);
  if (value === undefined) return err(misunderstood(socketPath));
  if (response.statusCode === 200) return ok(value);
  const message = isRecord(value) ? value['message'] : undefined;
  if (typeof message !== 'string') return err(misunderstood(socketPath));
  return err({ kind: 'refused', exitCode: EXIT.failed, message });
}

async function readText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += chunk.length;
      if (size > ANSWER_MAX_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function explain(socketPath: string, error: NodeJS.ErrnoException): ClientFailure {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTDIR':
      return {
        kind: 'noRunner',
        exitCode: EXIT.unreachable,
        message: `No runner listens on ${socketPath}: start one with "solopod run", or name its socket with --socket`,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        kind: 'denied',
        exitCode: EXIT.unreachable,
        message: `Permission to open ${socketPath} was denied: the runner's socket is for its own user only, so run this as that user (usually root)`,
      };
    case 'ABORT_ERR':
      return silent(socketPath);
    default:
      return broken(`Cannot talk to the runner at ${socketPath}: ${error.message}`);
  }
}

function silent(socketPath: string): ClientFailure {
  return broken(`The runner at ${socketPath} did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`);
}

function broken(message: string): ClientFailure {
  return { kind: 'broken', exitCode: EXIT.unreachable, message };
}

function misunderstood(socketPath: string): ClientFailure {
  return broken(`What answers at ${socketPath} is not a runner that this version understands`);
}

function decodeSnapshot(socketPath: string, value: unknown): Result<RunnerSnapshot, ClientFailure> {
  return isSnapshot(value) ? ok(value) : err(misunderstood(socketPath));
}

/** Both ends are the same program: it is enough to see that it is not something else. */
function isSnapshot(value: unknown): value is RunnerSnapshot {
  return (
    isRecord(value) &&
    typeof value['version'] === 'number' &&
    ['pods', 'troubles', 'events'].every((key) => Array.isArray(value[key])) &&
    isRecord(value['notes']) &&
    isRecord(value['node'])
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
