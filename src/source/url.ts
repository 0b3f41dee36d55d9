// Manifest URLs: which are allowed, and how they are spelled where people can read them. Pure.
// Credentials travel in the user part and often in the query, so neither is ever shown.
import { err, ok, type Result } from '../lib/result.ts';

const HIDDEN = 'xxxxx';

export function parseSourceUrl(text: string): Result<URL, string> {
  if (!URL.canParse(text)) return err('must be a URL such as https://host/pods.yaml');
  const url = new URL(text);
  if (!isWeb(url)) return err(`must be an http or https URL, not ${url.protocol.slice(0, -1)}`);
  return ok(url);
}

export function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

/** The URL without user, password, fragment and the values of its query. */
export function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  const names = [...shown.searchParams.keys()].map(encodeURIComponent);
  shown.search = names.map((name) => `${name}=${HIDDEN}`).join('&');
  return shown.href;
}

/** Where the detached signature of what a URL gives is found: beside it, with the same query. */
export function signatureUrl(url: URL): URL {
  const beside = new URL(url);
  beside.pathname = `${url.pathname}.sig`;
  return beside;
}

/** True when credentials for `from` may go to `to`: the same origin, or the same host moved up to TLS. */
export function maySendCredentials(from: URL, to: URL): boolean {
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname;
  return from.origin === to.origin || isUpgrade;
}
