// Asks one of docker's credential helpers: docker-credential-<name> get. The registry goes to its standard input, the
// credential comes on its standard output: nothing secret is ever an argument. What it prints is never shown: a helper
// that fails may have printed the credential.
// Rule: https://github.com/docker/docker-credential-helpers#development
import { execFile } from 'node:child_process';
import { err, ok, type Result } from '../lib/result.ts';
import type { RegistryCredential } from '../ports/credentials.ts';

/** Helpers may ask a service in the network. */
export const HELPER_TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 64 * 1024;
/** By these words, on standard output, a helper says that it has nothing. */
const HAS_NOTHING = /credentials not found/i;
const TOKEN_USER = '<token>';

export interface HelperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/** @returns undefined where the helper has nothing for this registry */
export async function askHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<Result<RegistryCredential | undefined, string>> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return err('the name of a credential helper must be a plain word');
  const program = `docker-credential-${name}`;
  const said = await output(program, server, options);
  if (!said.ok) return said.error === '' ? ok(undefined) : err(`${program} ${said.error}`);
  const credential = decode(said.value);
  return credential === undefined ? err(`${program} answered with something else than a credential`) : ok(credential);
}

/** @returns the empty error text where the program says that it has nothing */
function output(
  program: string,
  server: string,
  { env, signal, timeoutMs = HELPER_TIMEOUT_MS }: HelperOptions,
): Promise<Result<string, string>> {
  const settings = { env, signal, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX } as const;
  return new Promise((resolve) => {
    const child = execFile(program, ['get'], { ...settings, encoding: 'utf8' }, (error, stdout) => {
      if (error === null) resolve(ok(stdout));
      else if (HAS_NOTHING.test(stdout)) resolve(err(''));
      else resolve(err(ending(error, timeoutMs)));
    });
    child.stdin?.on('error', () => undefined); // one that does not read its input is no failure
    child.stdin?.end(`${server}\n`);
  });
}

function ending(error: { code?: string | number | null; killed?: boolean }, timeoutMs: number): string {
  switch (error.code) {
    case 'ENOENT':
      return 'is not installed';
    case 'ABORT_ERR':
      return 'was given up';
    case 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER':
      return `printed more than ${OUTPUT_BYTES_MAX} bytes`;
    default:
      if (error.killed === true) return `did not answer within ${timeoutMs / 1000} s`;
      return typeof error.code === 'number' ? `failed with exit code ${error.code}` : 'could not run';
  }
}

function decode(text: string): RegistryCredential | undefined {
  try {
    const { Username: username, Secret: secret } = JSON.parse(text);
    if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
    if (username === TOKEN_USER) return { username: '', password: '', identityToken: secret };
    return { username, password: secret, identityToken: '' };
  } catch {
    return undefined;
  }
}
