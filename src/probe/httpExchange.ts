// One HTTP GET as a kubelet makes it for probes and hooks: no proxy, no kept connection, no check of certificates, and
// redirects followed only on the same host. Hands back the last answer with the beginning of its body.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { HTTPHeader } from '../api/kubernetes.ts';
import { type HandlerUrl, redirectUrl } from './httpUrl.ts';
import { describeNetError, isPlainAnswer } from './netError.ts';
import { formatAddress } from './target.ts';
import { outputOf } from './verdicts.ts';

/** By lower-case name, values in order. */
export type Headers = ReadonlyMap<string, readonly string[]>;

export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** No answer: nobody there, not HTTP, time up. */
  | { readonly kind: 'noAnswer'; readonly message: string; readonly isPlainAnswer: boolean }
  /** The answer began and its body broke off. */
  | { readonly kind: 'broken'; readonly message: string }
  /** The request itself is impossible. */
  | { readonly kind: 'impossible'; readonly message: string };

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** True when an abort means that time is up. */
  readonly isOver: () => boolean;
  /** How much of the answer's body to wait for. */
  readonly bodyBytesMax: number;
}

/** As many requests as Go's client makes before it gives up on redirects. */
const REQUESTS_MAX = 10;
const REDIRECT_CODES = new Set([301, 302, 303, 307, 308]);
const HEADER_BYTES_MAX = 64 * 1024;
/** Framing is the client's business, and the host has an argument of its own. */
const RESERVED = new Set(['host', 'content-length', 'transfer-encoding', 'trailer', 'connection']);

/** Headers of a manifest with the kubelet's defaults: a user agent, and Accept unless the manifest empties it. */
export function requestHeaders(given: readonly HTTPHeader[], userAgent: string): Headers {
  const headers = new Map<string, readonly string[]>([
    ['user-agent', [userAgent]],
    ['accept', ['*/*']],
  ]);
  const own = Map.groupBy(given, ({ name }) => name.toLowerCase());
  for (const [name, list] of own)
    headers.set(
      name,
      list.map(({ value }) => value),
    );
  for (const name of ['user-agent', 'accept']) if (headers.get(name)?.[0] === '') headers.delete(name);
  return headers;
}

export async function exchange(start: HandlerUrl, headers: Headers, options: ExchangeOptions): Promise<Exchange> {
  let url = start;
  let host = headers.get('host')?.[0];
  for (let requests = 1; requests <= REQUESTS_MAX; requests += 1) {
    const sent = await send(url, { headers, host, ...options });
    if (sent.kind !== 'response') return sent;
    const { response } = sent;
    const { location } = response.headers;
    if (location === undefined || !REDIRECT_CODES.has(response.statusCode ?? 0)) return readAnswer(response, options);
    const next = redirectUrl(url, location);
    if (next === undefined) return refuse(response, `Get "${location}": unsupported protocol scheme`);
    if (next.address.host !== start.address.host) return readAnswer(response, options);
    response.destroy();
    // A Host header of the manifest's own holds only for redirects that stay on it.
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(location)) host = undefined;
    url = next;
  }
  return { kind: 'noAnswer', message: `Get "${url.href}": stopped after 10 redirects`, isPlainAnswer: false };
}

interface Sending extends ExchangeOptions {
  readonly headers: Headers;
  readonly host: string | undefined;
}

function send(
  url: HandlerUrl,
  { headers, host, signal, isOver }: Sending,
): Promise<{ kind: 'response'; response: IncomingMessage } | Exchange> {
  const { address, scheme, requestTarget } = url;
  const lines = [...headers].filter(([name]) => !RESERVED.has(name));
  const named = lines.map(([name, values]) => [name, values.map(utf8)] as const);
  const settings = {
    method: 'GET',
    host: address.host,
    port: address.port,
    path: requestTarget,
    headers: { Host: utf8(host ?? hostHeader(url)), Connection: 'close', ...Object.fromEntries(named) },
    agent: false,
    // As forgiving as the reference's client: small servers end lines as they like.
    insecureHTTPParser: true,
    maxHeaderSize: HEADER_BYTES_MAX,
    rejectUnauthorized: false,
    servername: isIP(address.host) === 0 ? address.host : '',
    signal,
  } as const;
  return new Promise((resolve) => {
    const noAnswer = (error: Error): void => {
      const cause = isOver()
        ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        : isPlainAnswer(error)
          ? 'http: server gave HTTP response to HTTPS client'
          : describeNetError(error, formatAddress(address));
      resolve({ kind: 'noAnswer', message: `Get "${url.href}": ${cause}`, isPlainAnswer: isPlainAnswer(error) });
    };
    try {
      const request = (scheme === 'https' ? requestHttps : requestHttp)(settings, (response) =>
        resolve({ kind: 'response', response }),
      );
      request.on('error', noAnswer);
      request.end();
    } catch (error) {
      resolve({ kind: 'impossible', message: error instanceof Error ? error.message : String(error) });
    }
  });
}

async function readAnswer(response: IncomingMessage, { isOver, bodyBytesMax }: ExchangeOptions): Promise<Exchange> {
  const status = response.statusCode ?? 0;
  if (bodyBytesMax === 0) {
    response.destroy();
    return { kind: 'answer', status, body: '' };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= bodyBytesMax) break;
    }
  } catch {
    const timeout = 'context deadline exceeded (Client.Timeout or context cancellation while reading body)';
    return { kind: 'broken', message: isOver() ? timeout : 'unexpected EOF' };
  }
  return { kind: 'answer', status, body: outputOf(...chunks) };
}

function refuse(response: IncomingMessage, message: string): Exchange {
  response.destroy();
  return { kind: 'noAnswer', message, isPlainAnswer: false };
}

/** The port is left out where it is the scheme's own. */
function hostHeader({ address, scheme }: HandlerUrl): string {
  const full = formatAddress(address);
  return address.port === (scheme === 'https' ? 443 : 80) ? full.replace(/:\d+$/, '') : full;
}

/** Header bytes as Node wants them: one character per byte. */
function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
