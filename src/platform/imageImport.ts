// Imports image archives of a folder into containerd through its own ctr: OCI or docker form, *.tar, *.tar.gz, *.tgz.
// One bad archive never stops the others. What was imported is recorded, so that an unchanged archive costs one listing.
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { err, ok, type Result } from '../lib/result.ts';
import { run, runWithInput } from './run.ts';

export interface ImportTarget {
  /** Path of containerd's ctr program. */
  readonly ctr: string;
  /** Path of containerd's socket. */
  readonly socket: string;
  /** Unpack for this snapshotter; default: containerd's own default. */
  readonly snapshotter?: string;
}

export interface ImportFolder {
  /** A folder that does not exist holds no archives. */
  readonly directory: string;
  /** File that remembers what was imported; remade when damaged. */
  readonly recordFile: string;
}

export type ImportedArchive =
  | { readonly file: string; readonly outcome: 'imported' | 'present'; readonly images: readonly string[] }
  | { readonly file: string; readonly outcome: 'failed'; readonly message: string };

/** CRI's namespace inside containerd. */
const NAMESPACE = 'k8s.io';
const IMPORT_TIMEOUT_MS = 10 * 60_000;

interface RecordEntry {
  readonly size: number;
  readonly mtimeMs: number;
  readonly images: readonly string[];
}
interface ImportRecord {
  readonly [file: string]: RecordEntry;
}

/** Imports what is new, by file name. @returns one result per archive; a single failure when the folder or containerd cannot be read */
export async function importImages(
  target: ImportTarget,
  folder: ImportFolder,
  signal: AbortSignal,
): Promise<Result<readonly ImportedArchive[], string>> {
  const names = await archiveNames(folder.directory);
  if (!names.ok || names.value.length === 0) return names.ok ? ok([]) : names;
  const present = await listImages(target, signal);
  if (!present.ok) return present;
  const before = await readRecord(folder.recordFile);
  const after = new Map<string, RecordEntry>();
  const results: ImportedArchive[] = [];
  for (const name of names.value) {
    const file = join(folder.directory, name);
    const info = await stat(file).catch(() => undefined);
    if (info === undefined || !info.isFile()) {
      results.push({ file, outcome: 'failed', message: `Cannot import ${file}: it is not a readable file` });
      continue;
    }
    const known = before[file];
    if (known !== undefined && isUnchanged(known, info) && isPresent(known.images, present.value)) {
      after.set(file, known);
      results.push({ file, outcome: 'present', images: known.images });
      continue;
    }
    const imported = await importArchive(target, file, signal);
    if (imported.ok) {
      after.set(file, { size: info.size, mtimeMs: info.mtimeMs, images: imported.value });
      results.push({ file, outcome: 'imported', images: imported.value });
    } else {
      results.push({ file, outcome: 'failed', message: imported.error });
    }
  }
  await writeRecord(folder.recordFile, Object.fromEntries(after));
  return ok(results);
}

/** Imports one archive, whatever was imported before. @returns the names of its images */
export async function importArchive(
  target: ImportTarget,
  file: string,
  signal: AbortSignal,
): Promise<Result<readonly string[], string>> {
  const snapshotter = target.snapshotter === undefined ? [] : ['--snapshotter', target.snapshotter];
  const local = (await hasLocalImport(target)) ? ['--local'] : [];
  const imported = await importStream(target, file, { flags: [...local, ...snapshotter], signal });
  if (!imported.ok) return err(`Cannot import ${file}: ${imported.error}`);
  const names = [...imported.value.matchAll(/^unpacking (\S+) \(sha256:/gm)].flatMap((match) => match[1] ?? []);
  return ok([...new Set(names)]);
}

/** Not every release of ctr reads compressed archives: it always gets the plain one. */
async function importStream(
  target: ImportTarget,
  file: string,
  options: { readonly flags: readonly string[]; readonly signal: AbortSignal },
): Promise<Result<string, string>> {
  const args = ['images', 'import', ...options.flags];
  if (!(await isGzip(file))) return ctr(target, [...args, file], { signal: options.signal });
  const plain = createGunzip();
  // Ends in any case: runWithInput destroys its input when ctr has ended.
  const unpacked = pipeline(createReadStream(file), plain).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  const imported = await ctr(target, [...args, '-'], { signal: options.signal, input: plain });
  const problem = await unpacked;
  return problem === undefined || problem.code === 'ERR_STREAM_PREMATURE_CLOSE' ? imported : err(problem.message);
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Names of all images that CRI can see. */
export async function listImages(
  target: ImportTarget,
  signal: AbortSignal,
): Promise<Result<ReadonlySet<string>, string>> {
  const listed = await ctr(target, ['images', 'list', '--quiet'], { signal });
  if (!listed.ok) return err(`Cannot list the images of ${target.socket}: ${listed.error}`);
  return ok(new Set(listed.value.split('\n').filter((line) => line !== '')));
}

/** Since 1.7 ctr imports through a service of the daemon unless told otherwise; that one picks the snapshotter itself. */
async function hasLocalImport(target: ImportTarget): Promise<boolean> {
  const help = await run(target.ctr, ['images', 'import', '--help']);
  return help.ok && help.value.includes('--local');
}

function ctr(
  target: ImportTarget,
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly input?: Readable },
): Promise<Result<string, string>> {
  const program = ['--address', target.socket, '--namespace', NAMESPACE, ...args];
  const { signal, input = '' } = options;
  return runWithInput(target.ctr, program, { timeoutMs: IMPORT_TIMEOUT_MS, signal, input });
}

async function archiveNames(directory: string): Promise<Result<readonly string[], string>> {
  try {
    const names = await readdir(directory);
    return ok(names.filter((name) => /^[^.].*\.(tar|tar\.gz|tgz)$/.test(name)).sort());
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? ok([]) : err(`Cannot read the image folder ${directory}: ${code}`);
  }
}

function isUnchanged(known: RecordEntry, info: { readonly size: number; readonly mtimeMs: number }): boolean {
  return known.size === info.size && known.mtimeMs === info.mtimeMs;
}

function isPresent(images: readonly string[], present: ReadonlySet<string>): boolean {
  return images.length > 0 && images.every((image) => present.has(image));
}

async function readRecord(path: string): Promise<ImportRecord> {
  try {
    return decodeRecord(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}

function decodeRecord(value: unknown): ImportRecord {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter((pair): pair is [string, RecordEntry] => isEntry(pair[1]));
  return Object.fromEntries(entries);
}

function isEntry(value: unknown): value is RecordEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { size, mtimeMs, images } = value as Partial<RecordEntry>;
  return typeof size === 'number' && typeof mtimeMs === 'number' && Array.isArray(images);
}

async function writeRecord(path: string, record: ImportRecord): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
