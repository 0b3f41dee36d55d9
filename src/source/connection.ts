// How a manifest server is reached: certificates, token and proxy. Files are read anew for every poll, so that what is
// rotated on disk is used from then on. Nothing of this is ever shown.
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { sha256Hex } from '../lib/hash.ts';
import { err, ok, type Result } from '../lib/result.ts';

/** Absolute paths. */
export interface ConnectionFiles {
  readonly bearerToken?: string;
  /** Certificates of authorities that are trusted instead of the system's. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. */
export interface ProxyEnv {
  readonly [name: string]: string | undefined;
}

export interface Connection {
  readonly fingerprint: string;
  readonly bearerToken: string | undefined;
  agentFor(url: URL): HttpAgent;
  close(): void;
}

const FILE_BYTES_MAX = 1024 * 1024;
/** What an HTTP header may hold; a token file often ends with a line feed. */
const TOKEN = /^[\x21-\x7e]+$/;

/** @param before stays in use, and with it its TLS sessions, while the files hold what they held */
export async function openConnection(
  files: ConnectionFiles,
  env: ProxyEnv,
  before?: Connection,
): Promise<Result<Connection, string>> {
  const [token, ca, cert, key] = await Promise.all(
    [files.bearerToken, files.ca, files.certificate, files.key].map((file) => read(file)),
  );
  for (const content of [token, ca, cert, key]) if (content?.ok === false) return content;
  const bearerToken = textOf(token)?.trim();
  if (bearerToken !== undefined && !TOKEN.test(bearerToken)) {
    return err(`the bearer token in ${files.bearerToken} must be one line of visible characters`);
  }
  const fingerprint = sha256Hex(JSON.stringify([token, ca, cert, key].map(textOf)));
  if (before?.fingerprint === fingerprint) return ok(before);
  before?.close();
  const tls = { ...given('ca', textOf(ca)), ...given('cert', textOf(cert)), ...given('key', textOf(key)) };
  const agents = new Map<string, HttpAgent>();

  function make(url: URL): HttpAgent {
    const proxyEnv = isLoopback(url.hostname) ? {} : { proxyEnv: { ...env } };
    try {
      return url.protocol === 'https:'
        ? new HttpsAgent({ keepAlive: false, ...tls, ...proxyEnv })
        : new HttpAgent({ keepAlive: false, ...proxyEnv });
    } catch {
      // The message would hold the address of the proxy, and with it its password.
      throw new Error('the proxy that the environment names is no URL');
    }
  }

  return ok({
    fingerprint,
    bearerToken,
    agentFor(url) {
      const agent = agents.get(url.origin) ?? make(url);
      agents.set(url.origin, agent);
      return agent;
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  });
}

async function read(file: string | undefined): Promise<Result<string, string> | undefined> {
  if (file === undefined) return undefined;
  try {
    const bytes = await readFile(file);
    if (bytes.length === 0) return err(`${file} is empty`);
    return bytes.length > FILE_BYTES_MAX ? err(`${file} is larger than ${FILE_BYTES_MAX} bytes`) : ok(bytes.toString());
  } catch (error) {
    return err(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}

function textOf(content: Result<string, string> | undefined): string | undefined {
  return content?.ok === true ? content.value : undefined;
}

function given<K extends string>(name: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: string });
}

/** As curl's and Go's users expect: this machine is never asked through a proxy. */
function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}
