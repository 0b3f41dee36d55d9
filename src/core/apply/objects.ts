// Folds a new set of ConfigMaps, Secrets and claims into the world: pods that need one that changed try again at once what they
// were waiting with. Which files have to be written anew follows from the world itself (rules/contents.ts).
import { objectKey } from '../../api/dataObject.ts';
import { objectsOfPod, pullSecretsOf } from '../../api/podObjects.ts';
import type { MonoMs } from '../../api/time.ts';
import type { ObjectVersion } from '../input.ts';
import { isPullFailure } from '../rules/retry.ts';
import type { PodRecord, Trouble, World } from '../world.ts';

/** Failures that another version of an object may end, by action kind. */
const MENDED_ACTIONS = ['setUpPod', 'refreshVolumes'];
/** The same for starts of containers, by reason. */
const MENDED_REASON = 'CreateContainerConfigError';

export function applyObjects(world: World, versions: readonly ObjectVersion[]): World {
  const objects = new Map(versions.map(({ key, hash }) => [key, hash]));
  const keys = new Set([...world.objects.keys(), ...objects.keys()]);
  const changed = new Set([...keys].filter((key) => world.objects.get(key) !== objects.get(key)));
  if (changed.size === 0) return world;
  const pods = new Map(world.pods);
  const agenda = new Map(world.agenda);
  for (const [uid, record] of world.pods) {
    if (!needs(record, changed)) continue;
    pods.set(uid, withoutDelay(record, world.now.mono));
    agenda.set(uid, world.now.mono);
  }
  const claims = new Map(versions.flatMap(({ key, claim }) => (claim === undefined ? [] : [[key, claim] as const])));
  return { ...world, objects, claims, pods, agenda };
}

function needs({ desired }: PodRecord, changed: ReadonlySet<string>): boolean {
  if (desired === undefined) return false;
  const { environment, volumes, claims } = objectsOfPod(desired);
  return [...environment, ...volumes, ...claims, ...pullSecretsOf(desired)].some((ref) => changed.has(objectKey(ref)));
}

function withoutDelay(record: PodRecord, now: MonoMs): PodRecord {
  return {
    ...record,
    podFaults: hurried(record.podFaults, now, (_, kind) => MENDED_ACTIONS.includes(kind)),
    startFaults: hurried(record.startFaults, now, (t) => t.reason === MENDED_REASON || isPullFailure(t)),
  };
}

type Troubles = { readonly [key: string]: Trouble };

function hurried(troubles: Troubles, now: MonoMs, isMeant: (trouble: Trouble, key: string) => boolean): Troubles {
  const entries = Object.entries(troubles).map(([key, trouble]): [string, Trouble] => [
    key,
    isMeant(trouble, key) ? { ...trouble, retryAt: Math.min(trouble.retryAt, now) } : trouble,
  ]);
  return Object.fromEntries(entries);
}
