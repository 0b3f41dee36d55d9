// What operators ask about volumes of claims: which there are, who uses them, and to remove one for good. A volume that
// a pod uses is never removed; one whose claim a manifest still gives is made anew, empty, when a pod needs it next.
import { type Claim, type ClaimName, claimRef } from '../api/claim.ts';
import { objectKey } from '../api/dataObject.ts';
import { formatTime } from '../api/time.ts';
import { usesClaim } from '../core/rules/admission.ts';
import { isRemoval } from '../core/rules/termination.ts';
import type { PodRecord, World } from '../core/world.ts';
import type { ClaimsPort, StoredClaim } from '../ports/claims.ts';
import type { RemoveReply, VolumeNote } from '../ports/runner.ts';

export interface VolumeDesk {
  list(signal: AbortSignal): Promise<readonly VolumeNote[]>;
  remove(volumes: readonly ClaimName[], signal: AbortSignal): Promise<RemoveReply>;
}

export interface VolumeDeskOptions {
  readonly claims: ClaimsPort;
  /** Claims that manifests give; undefined where no runner is alive to know. */
  readonly given: () => readonly Claim[] | undefined;
  /** Keys of pods that use a claim; "?" stands for pods of which that is not known. */
  readonly usersOf: (claim: ClaimName) => readonly string[];
  /** Empties what was removed, in its own time. */
  readonly finish: () => Promise<void>;
}

export function createVolumeDesk({ claims, given, usersOf, finish }: VolumeDeskOptions): VolumeDesk {
  return {
    async list(signal) {
      return notesOf(await claims.list(signal), given(), usersOf);
    },

    async remove(volumes, signal) {
      const stored = new Set((await claims.names(signal)).map(title));
      const missing = volumes.filter((volume) => !stored.has(title(volume))).map(title);
      if (missing.length > 0) return refused(404, `There is no volume ${missing.join(', ')}`);
      for (const volume of volumes) {
        const users = usersOf(volume);
        if (users.length > 0) return inUse(volume, users);
      }
      const removed: string[] = [];
      for (const volume of volumes) {
        const outcome = await claims.remove(volume, { isUsed: () => usersOf(volume).length > 0 }, signal);
        if (outcome === 'used') return inUse(volume, usersOf(volume));
        if (outcome === 'removed') removed.push(title(volume));
      }
      await finish();
      return { ok: true, removed };
    },
  };
}

/** Pods that have the claim's volume, or may have it before long. */
export function claimUsers(world: World, claim: ClaimName): readonly string[] {
  const key = objectKey(claimRef(claim));
  const users = [...world.pods.values()].filter(
    (record) => !isOver(record) && (record.desired === undefined || usesClaim(record.desired, key)),
  );
  return users.map((record) => record.key);
}

/** It has given back its volumes, and is not about to start anew. */
function isOver(record: PodRecord): boolean {
  const { stage, volumes, wanted } = record;
  return stage === 'terminated' && volumes === 'gone' && !(wanted && isRemoval(record));
}

function notesOf(
  stored: readonly StoredClaim[],
  given: readonly Claim[] | undefined,
  usersOf: VolumeDeskOptions['usersOf'],
): readonly VolumeNote[] {
  const byTitle = new Map((given ?? []).map((claim) => [title(claim), claim]));
  const found = stored.map((volume): VolumeNote => {
    const claim = byTitle.get(title(volume));
    const { namespace, name, path, usage, createdAt } = volume;
    const { storage, accessModes } = claim ?? volume;
    return {
      namespace,
      name,
      status: given === undefined ? 'Unknown' : claim === undefined ? 'Released' : 'Bound',
      pods: usersOf(volume),
      path,
      usedBytes: usage.bytes,
      usedIsComplete: usage.complete,
      createdAt: formatTime(createdAt),
      ...(storage === undefined ? {} : { storage: String(storage) }),
      ...(accessModes === undefined ? {} : { accessModes }),
      ...(claim === undefined ? {} : { origin: `${claim.origin.location}:${claim.origin.line}` }),
    };
  });
  const known = new Set(stored.map(title));
  const pending = [...byTitle.values()].filter((claim) => !known.has(title(claim)));
  return [...found, ...pending.map((claim) => pendingNote(claim, usersOf))].toSorted((a, b) =>
    title(a) < title(b) ? -1 : 1,
  );
}

/** No pod has needed it yet. */
function pendingNote(claim: Claim, usersOf: VolumeDeskOptions['usersOf']): VolumeNote {
  const { namespace, name, storage, accessModes, origin } = claim;
  return {
    namespace,
    name,
    status: 'Pending',
    pods: usersOf(claim),
    storage: String(storage),
    accessModes,
    origin: `${origin.location}:${origin.line}`,
  };
}

function title({ namespace, name }: ClaimName): string {
  return `${namespace}/${name}`;
}

function inUse(volume: ClaimName, users: readonly string[]): RemoveReply {
  return refused(409, `Volume ${title(volume)} is used by pod ${users.join(', ')}: stop or remove it first`);
}

function refused(status: 404 | 409, message: string): RemoveReply {
  return { ok: false, status, message };
}
