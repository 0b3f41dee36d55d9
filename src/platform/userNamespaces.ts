// Hands out ranges of user ids to pods with hostUsers: false. What is on disk is the state: each pod's range stands in
// its directory, in the form that a kubelet writes, and goes with it.
// Rule: kubelet userns manager: blocks of 65536 ids, from 65536 up to 2^32.
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { IdRange } from '../api/idRange.ts';
import { isPathComponent } from '../api/pathComponent.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { UserNamespacesPort } from '../ports/userNamespaces.ts';

const IDS_PER_POD = 65_536;
const BLOCKS = 2 ** 32 / IDS_PER_POD;
const FILE = 'userns';
const REASON = 'FailedCreatePodSandBox';

export function createUserNamespaces(rootDir: string): UserNamespacesPort {
  const podsDir = join(rootDir, 'pods');
  let turn: Promise<unknown> = Promise.resolve();

  async function allocate(podUid: string): Promise<IdRange> {
    const own = await readRange(join(podsDir, podUid, FILE));
    if (own !== undefined) return own;
    const pods = await readdir(podsDir);
    const ranges = await Promise.all(pods.map((uid) => readRange(join(podsDir, uid, FILE))));
    const taken = new Set(ranges.flatMap((range) => (range === undefined ? [] : blocksOf(range))));
    // Block 0 holds the users of this machine.
    for (let block = 1; block < BLOCKS; block += 1) {
      if (taken.has(block)) continue;
      const range = { hostId: block * IDS_PER_POD, length: IDS_PER_POD };
      await writeRange(join(podsDir, podUid, FILE), range);
      return range;
    }
    throw new Error('every range of user ids is taken');
  }

  return {
    async allocate(podUid, signal): Promise<Result<IdRange, { kind: 'refused'; reason: string; message: string }>> {
      // One after the other: two at once would find the same range free.
      const mine = turn.then(() => {
        signal.throwIfAborted();
        if (!isPathComponent(podUid)) throw new Error('the uid is not a name');
        return allocate(podUid);
      });
      turn = mine.catch(() => undefined);
      try {
        return ok(await mine);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        return err({ kind: 'refused', reason: REASON, message: `Cannot give pod uid "${podUid}" user ids: ${why}` });
      }
    },
  };
}

/** All blocks that a range touches, should it be of another size. */
function blocksOf({ hostId, length }: IdRange): readonly number[] {
  const first = Math.floor(hostId / IDS_PER_POD);
  const last = Math.floor((hostId + Math.max(1, length) - 1) / IDS_PER_POD);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** @returns undefined when there is none */
async function readRange(path: string): Promise<IdRange | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return decode(JSON.parse(text));
  } catch {
    return undefined; // cut short before it was in use: it is renamed into place when it is whole
  }
}

function decode(value: unknown): IdRange | undefined {
  const mapping = (value as { readonly uidMappings?: readonly Partial<IdRange>[] } | null)?.uidMappings?.[0];
  const { hostId, length } = mapping ?? {};
  const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) > 0;
  return isCount(hostId) && isCount(length) && hostId + length <= 2 ** 32 ? { hostId, length } : undefined;
}

async function writeRange(path: string, { hostId, length }: IdRange): Promise<void> {
  const mappings = [{ hostId, containerId: 0, length }];
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, 'w', 0o600);
    await file.writeFile(JSON.stringify({ uidMappings: mappings, gidMappings: mappings }));
    await file.sync();
  }
  await rename(temporary, path);
}
