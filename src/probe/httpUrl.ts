// The URL of an httpGet handler: scheme, address and the manifest's path, which may carry a query. Pure.
// Rule: kubelet formatURL and Go's net/url: a path that cannot be parsed is taken literally.
import type { HTTPGetAction } from '../api/kubernetes.ts';
import { type Address, formatAddress } from './target.ts';

export interface HandlerUrl {
  readonly scheme: 'http' | 'https';
  readonly address: Address;
  /** Path and query as they stand in the request line. */
  readonly requestTarget: string;
  /** The whole, for people. */
  readonly href: string;
}

export function handlerUrl({ scheme = 'HTTP', path = '/' }: HTTPGetAction, address: Address): HandlerUrl {
  return makeUrl(scheme.toLowerCase() === 'https' ? 'https' : 'http', address, requestTargetOf(path));
}

/** The same URL over plain HTTP. */
export function overPlainHttp({ address, requestTarget }: HandlerUrl): HandlerUrl {
  return makeUrl('http', address, requestTarget);
}

/** Where a redirect leads; undefined for a scheme that is not the web's. */
export function redirectUrl(from: HandlerUrl, location: string): HandlerUrl | undefined {
  if (!URL.canParse(location, from.href)) return undefined;
  const { protocol, hostname, port, pathname, search } = new URL(location, from.href);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const number = port === '' ? (scheme === 'https' ? 443 : 80) : Number(port);
  return makeUrl(scheme, { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: number }, pathname + search);
}

function makeUrl(scheme: HandlerUrl['scheme'], address: Address, requestTarget: string): HandlerUrl {
  return { scheme, address, requestTarget, href: `${scheme}://${formatAddress(address)}${requestTarget}` };
}

/** Path and query of what a manifest calls a path; scheme, host and fragment in it do not count. */
function requestTargetOf(path: string): string {
  const hasBadEscape = /%(?![0-9A-Fa-f]{2})/.test(path.split('?')[0] ?? '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these make a path unparsable
  if (hasBadEscape || /[\u0000-\u001f\u007f]/.test(path))
    return withSlash(percentEncode(path.replaceAll('%', '%25'), /[?#]/));
  const bare = path.replace(/#.*$/s, '').replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?]*/i, '');
  const cut = bare.indexOf('?');
  const [before, query] = cut < 0 ? [bare, ''] : [bare.slice(0, cut), bare.slice(cut)];
  return withSlash(percentEncode(before)) + percentEncode(query);
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** Percent-encodes what may not stand in a request line, and what `also` matches. */
function percentEncode(text: string, also = /(?!)/): string {
  return [...text.toWellFormed()]
    .map((unit) =>
      /[!-~]/.test(unit) && !/["<>\\^`{|}]/.test(unit) && !also.test(unit) ? unit : encodeURIComponent(unit),
    )
    .join('');
}
