// Directories of claims: made when a pod first needs one, kept for as long as nobody removes them by name. They are not
// below the directory of any pod, so that no tear-down reaches them.
//
//   <root>/claims/<namespace>/<name>/data        what pods mount
//                                   /claim.json  what was asked for, for people who have the directory only
import { randomUUID } from 'node:crypto';
import { chmod, open, readdir, readFile, rename, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessMode, Claim, ClaimFacts, ClaimName } from '../api/claim.ts';
import { isPathComponent } from '../api/pathComponent.ts';
import type { ClaimsPort, StoredClaim } from '../ports/claims.ts';
import { ensureDirectory } from './directories.ts';
import { diskUsage } from './diskUsage.ts';
import { claimDirectory, claimsDirectory } from './layout.ts';
import { removeTree } from './removeTree.ts';

const DATA = 'data';
const FACTS = 'claim.json';
/** Pods of any user write to it, as to an emptyDir. */
const DATA_MODE = 0o777;
/** Moved aside before it is emptied, so that it is wholly there or not at all. No namespace begins with a dot. */
const REMOVING_PREFIX = '.removing-';
/** Entries that are counted, of all claims together, when people ask how much they hold: an answer within seconds. */
const ENTRIES_MAX = 100_000;

/** Makes the directory, or finds it. @returns the host's path of what pods mount */
export async function ensureClaim(rootDir: string, claim: Claim): Promise<string> {
  const directory = claimDirectory(rootDir, claim);
  const data = join(directory, DATA);
  await ensureDirectory(data);
  // The facts are written last: without them nobody has had the directory yet.
  if (!(await exists(join(directory, FACTS)))) await chmod(data, DATA_MODE);
  await writeFacts(directory, claim);
  return data;
}

export function createClaims({ rootDir }: { readonly rootDir: string }): ClaimsPort {
  return {
    names: listNames,

    async list(signal) {
      const all = await listNames(signal);
      const entriesMax = Math.ceil(ENTRIES_MAX / Math.max(1, all.length));
      const found: StoredClaim[] = [];
      for (const ref of all) found.push(await look(ref, { entriesMax, signal }));
      return found;
    },

    async remove(ref, { isUsed }, signal) {
      const directory = claimDirectory(rootDir, ref);
      const aside = join(claimsDirectory(rootDir), `${REMOVING_PREFIX}${randomUUID()}`);
      signal.throwIfAborted();
      if (!(await exists(directory))) return 'absent';
      if (isUsed()) return 'used';
      await rename(directory, aside);
      // A pod that came in between has either found the old directory, which goes back, or made a new one, which stays.
      if (isUsed() && (await moved(aside, directory))) return 'used';
      await rmdir(join(claimsDirectory(rootDir), ref.namespace)).catch(() => undefined);
      return 'removed';
    },

    async finishRemovals(signal) {
      const entries = await readdir(claimsDirectory(rootDir)).catch(() => []);
      for (const name of entries.filter((entry) => entry.startsWith(REMOVING_PREFIX))) {
        await removeTree(join(claimsDirectory(rootDir), name), signal);
      }
    },
  };

  async function listNames(signal: AbortSignal): Promise<readonly ClaimName[]> {
    const found: ClaimName[] = [];
    for (const namespace of await directories(claimsDirectory(rootDir))) {
      signal.throwIfAborted();
      const names = await directories(join(claimsDirectory(rootDir), namespace));
      found.push(...names.map((name) => ({ namespace, name })));
    }
    return found;
  }

  async function look(
    ref: ClaimName,
    { entriesMax, signal }: { readonly entriesMax: number; readonly signal: AbortSignal },
  ): Promise<StoredClaim> {
    const directory = claimDirectory(rootDir, ref);
    const [info, facts, usage] = await Promise.all([
      stat(directory),
      readFacts(directory),
      diskUsage(join(directory, DATA), { entriesMax, bytesMax: Number.POSITIVE_INFINITY }, signal),
    ]);
    return { ...ref, path: join(directory, DATA), createdAt: info.birthtimeMs || info.ctimeMs, usage, ...facts };
  }
}

/** Directories that are no leftovers. */
async function directories(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && isPathComponent(entry.name))
    .map(({ name }) => name)
    .toSorted();
}

async function writeFacts(directory: string, { accessModes, storage }: ClaimFacts): Promise<void> {
  const text = `${JSON.stringify({ accessModes, storage })}\n`;
  const path = join(directory, FACTS);
  if ((await readFile(path, 'utf8').catch(() => '')) === text) return;
  const fresh = `${path}.${randomUUID()}`;
  await using file = await open(fresh, 'wx', 0o600);
  await file.writeFile(text);
  await rename(fresh, path);
}

/** Nothing where the file is missing or torn: people are still shown the rest. */
async function readFacts(directory: string): Promise<Partial<ClaimFacts>> {
  try {
    const facts: unknown = JSON.parse(await readFile(join(directory, FACTS), 'utf8'));
    if (typeof facts !== 'object' || facts === null) return {};
    const { accessModes, storage } = facts as { accessModes?: unknown; storage?: unknown };
    if (!Array.isArray(accessModes) || typeof storage !== 'string') return {};
    return { accessModes: accessModes as readonly AccessMode[], storage };
  } catch {
    return {};
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
