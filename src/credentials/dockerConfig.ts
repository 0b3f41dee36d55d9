// Texts that `docker login` writes and Secrets of registries hold: config.json and its predecessor .dockercfg. Pure.
// Rule: the kubelet reads "auths"; helpers are the docker client's. What is said of a bad text never repeats any of it.
import { err, ok, type Result } from '../lib/result.ts';
import type { RegistryCredential } from '../ports/credentials.ts';

/** config.json, or the map of registries alone. */
export type DockerConfigFormat = 'config' | 'legacy';

export interface DockerConfig {
  readonly entries: readonly DockerConfigEntry[];
  /** Helper programs by registry, and the one for all others: "secretservice" is docker-credential-secretservice. */
  readonly credHelpers: { readonly [registry: string]: string };
  readonly credsStore?: string;
  /** Entries that could not be used. */
  readonly troubles: readonly string[];
}

export interface DockerConfigEntry {
  /** Registry, with or without scheme and path, as written. */
  readonly key: string;
  readonly credential: RegistryCredential;
}

interface Mapping {
  readonly [key: string]: unknown;
}

/** @returns an error text for what is no such file at all; single bad entries are troubles */
export function parseDockerConfig(text: string, format: DockerConfigFormat): Result<DockerConfig, string> {
  const data = parseJson(text);
  if (!isMapping(data)) return err('is not a JSON object');
  const auths = format === 'legacy' ? data : (data['auths'] ?? {});
  if (!isMapping(auths)) return err('has "auths" that is not a JSON object');
  const entries: DockerConfigEntry[] = [];
  const troubles: string[] = [];
  for (const [key, entry] of Object.entries(auths)) {
    const credential = credentialOf(entry);
    if (!credential.ok) troubles.push(`has an entry for "${key}" that ${credential.error}`);
    else if (credential.value !== undefined) entries.push({ key, credential: credential.value });
  }
  if (format === 'legacy') return ok({ entries, credHelpers: {}, troubles });
  const { credHelpers, credsStore } = data;
  const helpers = isMapping(credHelpers) ? Object.entries(credHelpers) : [];
  return ok({
    entries,
    troubles,
    credHelpers: Object.fromEntries(helpers.filter((entry): entry is [string, string] => isText(entry[1]))),
    ...(isText(credsStore) ? { credsStore } : {}),
  });
}

/** @returns undefined for an entry that only says that a helper has the credential */
function credentialOf(entry: unknown): Result<RegistryCredential | undefined, string> {
  if (!isMapping(entry)) return err('is not a JSON object');
  const { auth, identitytoken } = entry;
  const plain = { username: textOf(entry['username']), password: textOf(entry['password']) };
  const pair = isText(auth) ? decodeAuth(auth) : plain;
  if (pair === undefined) return err('has an "auth" that is not base64 of user:password');
  const credential = { ...pair, identityToken: textOf(identitytoken) };
  const isEmpty = Object.values(credential).every((value) => value === '');
  return ok(isEmpty ? undefined : credential);
}

function decodeAuth(auth: string): Pick<RegistryCredential, 'username' | 'password'> | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) return undefined;
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  // Old docker clients padded the text with zero bytes.
  const password = decoded.slice(colon + 1).replace(/\0+$/, '');
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textOf(value: unknown): string {
  return isText(value) ? value : '';
}
