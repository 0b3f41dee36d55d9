// Small JSON state that survives a crash of this program and of the machine: written whole, renamed into place, checked
// by a digest when read. A torn or foreign file is no state, with the reason; it is never an error that stops a start.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { err, ok, type Result } from '../lib/result.ts';

/** Larger files are not ours. */
const STATE_BYTES_MAX = 16 * 1024 * 1024;

interface Envelope {
  readonly version: 1;
  /** SHA-256 of the JSON text of `data`. */
  readonly sha256: string;
  readonly data: unknown;
}

/**
 * Replaces the file's content at once: readers see the old or the new state, never a part. Mode 0600.
 *
 * @throws the system's error when the disk does not take it; the old file is then still there
 */
export async function writeState(path: string, data: unknown): Promise<void> {
  const envelope: Envelope = { version: 1, sha256: digest(JSON.stringify(data)), data };
  await writeFileAtomically(path, `${JSON.stringify(envelope)}\n`, 0o600);
}

/** @returns the data as written, undefined when there is no file; an error message when there is one that can't be trusted */
export async function readState(path: string): Promise<Result<unknown, string>> {
  const text = await readText(path);
  if (!text.ok || text.value === undefined) return text;
  const envelope = parseEnvelope(text.value);
  if (envelope === undefined) return err(`State file ${path} is not complete`);
  if (envelope.version !== 1) return err(`State file ${path} has version ${String(envelope.version)}, must be 1`);
  if (envelope.sha256 !== digest(JSON.stringify(envelope.data))) return err(`State file ${path} fails its checksum`);
  return ok(envelope.data);
}

/**
 * Writes a temporary file beside `path`, syncs it, renames it over `path`, syncs the directory. Makes the directory
 * (mode 0750) when it is missing.
 */
export async function writeFileAtomically(path: string, text: string, mode: number): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const temporary = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await using file = await open(temporary, 'wx', mode);
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncDirectory(directory);
}

async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}

async function readText(path: string): Promise<Result<string | undefined, string>> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > STATE_BYTES_MAX) return err(`State file ${path} has ${size} bytes, must be at most ${STATE_BYTES_MAX}`);
    return ok(await file.readFile('utf8'));
  } catch (cause) {
    if (isMissing(cause)) return ok(undefined);
    return err(`Cannot read state file ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function parseEnvelope(
  text: string,
): { readonly version: unknown; readonly sha256: unknown; readonly data: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('version' in value) || !('sha256' in value) || !('data' in value)) return undefined;
    return value;
  } catch {
    return undefined;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
