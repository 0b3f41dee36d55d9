// One conditional GET of a manifest URL: follows redirects, bounds time and size, and says in one sentence what went
// wrong. Never shows credentials, never sends them to another origin, never goes from https down to http.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { sha256Hex } from '../lib/hash.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { Connection } from './connection.ts';
import { SOURCE_BYTES_MAX } from './readFile.ts';
import { retryAfterMs } from './retryAfter.ts';
import { isWeb, maySendCredentials, withoutSecrets } from './url.ts';

/** Multi-valued headers, as in staticPodURLHeader. */
export interface HeaderLists {
  readonly [name: string]: readonly string[];
}

/** What the server told about the version that it sent. */
export interface Validators {
  /** Digest of the URL that sent it, which may hold credentials. */
  readonly target: string;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export type Fetched =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'content'; readonly bytes: Uint8Array; readonly validators: Validators };

export interface FetchOptions {
  readonly headers: HeaderLists;
  readonly validators: Validators | undefined;
  /** For everything together: redirects, headers and body. */
  readonly timeoutMs: number;
  readonly connection: Connection;
}

export interface FetchFailure {
  /** A sentence about the URL, without secrets. */
  readonly message: string;
  /** The server's wish not to be asked again before. */
  readonly retryAfterMs?: number;
}

const REDIRECTS_MAX = 5;
const HEADER_BYTES_MAX = 64 * 1024;
const REDIRECT_CODES = new Set([301, 302, 303, 307, 308]);

/** The caller's abort is a failure too. */
export async function fetchManifest(
  url: URL,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Result<Fetched, FetchFailure>> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  let target = url;
  for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
    const answered = await ask(url, target, options, either);
    if (!answered.ok) {
      const message = `${shown(target)}: no complete answer within ${options.timeoutMs} ms`;
      return deadline.aborted ? failure(message) : answered;
    }
    if (answered.value.kind !== 'redirect') return ok(answered.value);
    const next = resolveRedirect(target, answered.value.location);
    if (!next.ok) return failure(next.error);
    target = next.value;
  }
  return failure(`${shown(url)}: redirects more than ${REDIRECTS_MAX} times`);
}

type Answer = Fetched | { readonly kind: 'redirect'; readonly location: string };

function failure(message: string): Result<never, FetchFailure> {
  return err({ message });
}

function ask(
  start: URL,
  target: URL,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Result<Answer, FetchFailure>> {
  const fail = (error: Error): Result<never, FetchFailure> => failure(`${shown(target)}: ${describe(error)}`);
  return new Promise((resolve) => {
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    const headers = headersFor(start, target, options);
    const auth = credentialsFor(start, target);
    const plain = new URL(target);
    plain.username = '';
    plain.password = '';
    try {
      const agent = options.connection.agentFor(target);
      const settings = { headers, auth, signal, agent, maxHeaderSize: HEADER_BYTES_MAX } as const;
      const request = send(plain, settings, (response) => {
        read(response, target, options).then(resolve, (error: Error) => resolve(fail(error)));
      });
      request.on('error', (error) => resolve(fail(error)));
      request.end();
    } catch (error) {
      // A certificate that is none, a header that cannot be sent.
      resolve(fail(error as Error));
    }
  });
}

async function read(
  response: IncomingMessage,
  target: URL,
  { validators }: FetchOptions,
): Promise<Result<Answer, FetchFailure>> {
  const { statusCode = 0, statusMessage = '', headers } = response;
  const refuse = (why: string): Result<never, FetchFailure> => {
    response.destroy();
    return failure(`${shown(target)}: ${why}`);
  };
  if (REDIRECT_CODES.has(statusCode) && headers.location !== undefined) {
    response.destroy();
    return ok({ kind: 'redirect', location: headers.location });
  }
  if (statusCode === 304 && validators?.target === sha256Hex(target.href)) {
    response.destroy();
    return ok({ kind: 'unchanged' });
  }
  if (statusCode !== 200) {
    const refused = refuse(`answered ${statusCode} ${printable(statusMessage)}`.trimEnd());
    const waitMs = retryAfterMs(headers['retry-after'], headers.date);
    return refused.ok || waitMs === undefined ? refused : err({ ...refused.error, retryAfterMs: waitMs });
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return refuse(`answered in encoding ${printable(encoding)}, which was not asked for`);
  if (headers['content-type']?.startsWith('text/html') === true) return refuse('answered with a web page (text/html)');

  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > SOURCE_BYTES_MAX) return refuse(`answered more than ${SOURCE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  if (!response.complete) return refuse('the answer was cut off');
  if (size === 0) return refuse('the answer is empty; "kind: PodList" with "items: []" asks for no pods');
  const bytes = Buffer.concat(chunks);
  if (isWebPage(bytes)) return refuse('answered with a web page instead of a manifest');
  const found = { target: sha256Hex(target.href), etag: headers.etag, lastModified: headers['last-modified'] };
  return ok({ kind: 'content', bytes, validators: found });
}

function headersFor(start: URL, target: URL, { headers, validators, connection }: FetchOptions) {
  const conditional =
    validators?.target === sha256Hex(target.href)
      ? { 'If-None-Match': validators.etag, 'If-Modified-Since': validators.lastModified }
      : {};
  const { bearerToken } = connection;
  const authorization = bearerToken === undefined ? {} : { Authorization: [`Bearer ${bearerToken}`] };
  const own = maySendCredentials(start, target) ? { ...headers, ...authorization } : {};
  const all = { Accept: ['*/*'], 'Accept-Encoding': ['identity'], ...own, ...conditional };
  const entries = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : [...(value ?? [])]]),
  );
}

function credentialsFor(start: URL, target: URL): string | undefined {
  const owner = target.username === '' && maySendCredentials(start, target) ? start : target;
  if (owner.username === '' && owner.password === '') return undefined;
  return `${decodeURIComponent(owner.username)}:${decodeURIComponent(owner.password)}`;
}

function resolveRedirect(from: URL, location: string): Result<URL, string> {
  if (!URL.canParse(location, from.href)) return err(`${shown(from)}: redirects to something that is no URL`);
  const to = new URL(location, from);
  if (!isWeb(to))
    return err(`${shown(from)}: redirects to ${to.protocol.slice(0, -1)}, which is neither http nor https`);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    return err(`${shown(from)}: redirects from https down to http (${shown(to)})`);
  }
  return ok(to);
}

function isWebPage(bytes: Buffer): boolean {
  return /^\s*<(!doctype|html|\?xml|head|body)\b/i.test(bytes.subarray(0, 256).toString('utf8'));
}

function describe(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
      return 'the connection broke before the answer was complete';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name cannot be resolved';
    case 'ABORT_ERR':
      return 'cancelled';
    default:
      return printable(error.message);
  }
}

/** Text of a server on one line of bounded length. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 256);
}

const shown = withoutSecrets;
