// What the text of an option must look like beyond its type: one check and one sentence each. Pure but for net.isIP,
// which only looks at its argument.
import { isIP } from 'node:net';
import { formatGoDuration, parseDuration } from '../../api/duration.ts';
import { parseLogSize } from '../../api/logLimits.ts';
import { quantityNanos } from '../../api/quantity.ts';
import { FORMATS, hasFormat } from '../../manifest/formats.ts';
import { isVariableName } from '../../manifest/variables.ts';
import { checkSubnet } from '../../platform/embedded/cniConfig.ts';
import { parseSourceUrl } from '../../source/url.ts';
import { parseKey } from '../signatures.ts';
import type { ConfigOption } from './options.ts';

/** @returns what is wrong with the text, undefined when nothing is */
type Check = (text: string) => string | undefined;

/** By the name that stands at "format" in the schema. */
export const CONFIG_FORMATS: { readonly [format: string]: Check } = {
  duration: (text) => problemOf(parseDuration(text)),
  'http-url': (text) => problemOf(parseSourceUrl(text)),
  'header-value': (text) => (/^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? undefined : 'must be text without line breaks'),
  'ip-address': (text) => (isIP(text) === 0 ? 'must be an IP address such as 10.96.0.10' : undefined),
  'node-name': (text) =>
    text.length <= 253 && hasFormat(text, 'dns-1123-subdomain')
      ? undefined
      : 'must be lower-case letters, digits, "-" and ".", with a letter or digit at both ends',
  'dns-domain': (text) =>
    text === '' || hasFormat(text, 'dns-1123-subdomain') ? undefined : 'must be a domain such as cluster.local',
  'ed25519-key': (text) => problemOf(parseKey(text)),
  'variable-name': (text) => (isVariableName(text) ? undefined : 'must be letters, digits and "_", not a digit first'),
  'runtime-endpoint': checkEndpoint,
  'runtime-handler': (text) =>
    /^([A-Za-z0-9][-A-Za-z0-9_.]*)?$/.test(text)
      ? undefined
      : 'must be the name of a handler of the runtime, such as kata',
  'label-value': (text) => (hasFormat(text, 'label-value') ? undefined : FORMATS['label-value'].rule),
  quantity: (text) =>
    (quantityNanos(text) ?? -1n) >= 0n ? undefined : 'must be an amount of 0 or more such as 500m or 1Gi',
  'log-size': (text) => problemOf(parseLogSize(text)),
  subnet: (text) =>
    checkSubnet(text) === undefined ? 'must be an IPv4 network of /8 to /29 such as 10.213.0.0/24' : undefined,
};

/** Durations: @returns a sentence when the value is outside the option's bounds */
export function checkBounds(text: string, { minimum, maximum }: ConfigOption): string | undefined {
  const ms = durationMs(text);
  if (ms === undefined) return undefined;
  const [min, max] = [durationMs(minimum), durationMs(maximum)];
  if ((min === undefined || ms >= min) && (max === undefined || ms <= max)) return undefined;
  return `must be from ${minimum} to ${maximum}, is ${formatGoDuration(ms)}`;
}

export function durationMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  return parsed.ok ? parsed.value : undefined;
}

/** A unix socket address holds no longer path (sun_path, with its closing zero byte). */
const SOCKET_PATH_BYTES_MAX = 107;

export function checkSocketPath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= SOCKET_PATH_BYTES_MAX) return undefined;
  return `must be a path of at most ${SOCKET_PATH_BYTES_MAX} bytes, has ${bytes}: sockets allow no longer one`;
}

function checkEndpoint(text: string): string | undefined {
  if (text === 'auto' || text === 'embedded') return undefined;
  if (text.startsWith('/')) return `must be auto, embedded or unix:///path: write unix://${text}`;
  if (!/^unix:\/\/\/[^\0]+$/.test(text)) return 'must be auto, embedded or unix:///path';
  return checkSocketPath(text.slice('unix://'.length));
}

function problemOf(result: { readonly ok: true } | { readonly ok: false; readonly error: string }): string | undefined {
  return result.ok ? undefined : result.error;
}
