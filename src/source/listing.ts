// What stands at a source's path: a directory with its entries, a single file, or nothing. Reads names only.
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { troubleOf, whyLoose } from './readFile.ts';

export interface Candidate {
  /** Absolute path. */
  readonly location: string;
  readonly name: string;
}

export interface Listed {
  readonly kind: 'listed';
  readonly shape: Shape;
  /** The directory to watch and which inode it is. */
  readonly directory: string;
  readonly identity: string;
  /** Sorted bytewise. */
  readonly candidates: readonly Candidate[];
  /** Entries whose names are not UTF-8, spelled with replacement characters. */
  readonly misspelt: readonly string[];
}

export type Listing =
  | Listed
  /** Nothing there. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string };

export type Shape = 'directory' | 'file';

/** @param before what the path was at the last look: a file that went away leaves an empty listing of its directory */
export async function list(location: string, before: Shape | undefined): Promise<Listing> {
  try {
    const stats = await statOrAbsent(location);
    if (stats?.isDirectory()) {
      const reason = whyLoose(stats.mode);
      return reason === undefined ? await listDirectory(location, identityOf(stats)) : { kind: 'failed', reason };
    }
    if (stats?.isFile()) return await listOne(location, [{ location, name: path.basename(location) }]);
    if (stats !== undefined) return { kind: 'failed', reason: 'is neither a directory nor a regular file' };
    return before === 'file' ? await listOne(location, []) : { kind: 'absent' };
  } catch (error) {
    const trouble = troubleOf(error);
    return trouble.kind === 'absent' || trouble.kind === 'changing'
      ? { kind: 'absent' }
      : { kind: 'failed', reason: trouble.reason };
  }
}

async function listDirectory(directory: string, identity: string): Promise<Listing> {
  const raw = (await readdir(directory, { encoding: 'buffer' })).sort(Buffer.compare);
  const names = raw.map((bytes) => bytes.toString('utf8'));
  const isText = names.map((name, index) => raw[index]?.equals(Buffer.from(name)) === true);
  const candidates = names.filter((_, i) => isText[i]).map((name) => ({ location: path.join(directory, name), name }));
  const misspelt = names.filter((_, i) => !isText[i]).map((name) => path.join(directory, name));
  return { kind: 'listed', shape: 'directory', directory, identity, candidates, misspelt };
}

async function listOne(location: string, candidates: readonly Candidate[]): Promise<Listing> {
  const directory = path.dirname(location);
  const identity = identityOf(await stat(directory));
  return { kind: 'listed', shape: 'file', directory, identity, candidates, misspelt: [] };
}

async function statOrAbsent(location: string): Promise<Stats | undefined> {
  try {
    return await stat(location);
  } catch (error) {
    if (troubleOf(error).kind === 'absent') return undefined;
    throw error;
  }
}

function identityOf(stats: { readonly dev: number; readonly ino: number }): string {
  return `${stats.dev}:${stats.ino}`;
}
