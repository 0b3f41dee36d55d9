// From files to pods and objects: decodes what sources deliver, keeps the last good version of what is refused, cannot
// be read or is out of reach, and holds removals that look like an accident. One catalog serves all sources of a
// runner. It is the only place that holds the values of ConfigMaps and Secrets.
import { type Claim, type ClaimName, claimRef } from '../api/claim.ts';
import { type ObjectRef, objectKey } from '../api/dataObject.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { ObjectVersion } from '../core/input.ts';
import type { Variables } from '../manifest/variables.ts';
import type { ObjectsPort } from '../ports/objects.ts';
import type { SourceTrouble } from '../ports/runner.ts';
import type { SourceFailure, SourceSnapshot } from '../ports/sources.ts';
import type { KeptFile, LastGood } from './lastGood.ts';
import { completed, type ManifestFile, NOTHING, readManifest, recallManifest } from './manifestFile.ts';
import { indexObjects, type ManifestObject, NO_OBJECTS } from './objectIndex.ts';
import { type GuardSettings, heldBy } from './removalGuard.ts';
import type { SignatureCheck } from './signatures.ts';
import { failureTrouble, heldTroubles, rejections, skips } from './sourceTroubles.ts';

export type Files = ReadonlyMap<string, ManifestFile>;

export interface CatalogOptions {
  readonly nodeName: string;
  readonly guard: GuardSettings;
  readonly signatures: SignatureCheck;
  readonly lastGood: Pick<LastGood, 'recall' | 'keep' | 'forget'>;
}

export interface Catalog extends ObjectsPort {
  /** The source's pods after this update; undefined when what it gave before stays in force. */
  update(update: SourceSnapshot | SourceFailure): readonly DesiredPod[] | undefined;
  /** Every claim over all sources. */
  claims(): readonly Claim[];
  /** What the source gave before this start, for when it is slow to answer; undefined: nothing, or it has answered. */
  recall(source: string): readonly DesiredPod[] | undefined;
  /** Lets go what the guard holds. @returns per source that held something, its pods from now on, and which ended */
  accept(): readonly Accepted[];
  /** Everything of these sources has been ended on purpose: nothing of it comes back by itself. */
  forgetAll(): void;
  /** From now on manifests see these variables. @returns per source that may be touched by it, its pods from now on */
  setVariables(variables: Variables): readonly { readonly source: string; readonly pods: readonly DesiredPod[] }[];
  /** Every object over all sources, by key and version. */
  objects(): readonly ObjectVersion[];
  /** What does not run, and why, over all sources. */
  troubles(): readonly SourceTrouble[];
}

export interface Accepted {
  readonly source: string;
  readonly pods: readonly DesiredPod[];
  readonly ended: readonly string[];
}

/** What is in force of one source. */
interface InForce {
  readonly files: Files;
  /** Keys of pods that the source gives no more and that run until a person accepts it. */
  readonly held: ReadonlySet<string>;
  readonly home: string | undefined;
  readonly latest: SourceSnapshot | SourceFailure | undefined;
}

export function createCatalog({ nodeName, guard, signatures, lastGood }: CatalogOptions): Catalog {
  const sources = new Map<string, InForce>();
  const troublesBySource = new Map<string, readonly SourceTrouble[]>();
  let index = NO_OBJECTS;
  let variables: Variables = {};

  /** What the source gave until now, from before this start if need be. */
  function inForce(source: string): InForce {
    const known = sources.get(source);
    if (known !== undefined) return known;
    const kept = lastGood.recall(source);
    const files = new Map<string, ManifestFile>();
    for (const { location, sourceKind, texts } of kept) {
      files.set(location, recallManifest(texts, { location, sourceKind, nodeName, signatures, variables }));
    }
    const held = new Set(kept.flatMap((file) => file.held));
    const state = { files, held, home: kept[0]?.home, latest: undefined };
    sources.set(source, state);
    return state;
  }

  function apply(snapshot: SourceSnapshot, settings: GuardSettings): readonly DesiredPod[] {
    const { source, sourceKind } = snapshot;
    const before = inForce(source);
    const given = new Map<string, ManifestFile>();
    for (const file of snapshot.files) {
      const { location } = file;
      if (file.isMissing && !before.files.has(location)) continue;
      const place = { location, sourceKind, nodeName, signatures, variables };
      given.set(location, readManifest(file, place, before.files.get(location) ?? NOTHING));
    }
    for (const { location, kind } of snapshot.skipped) {
      const last = before.files.get(location);
      if (kind === 'failed' && last !== undefined) given.set(location, last);
    }
    const held = heldKeys(before, { given, snapshot, settings });
    const files = withHeld(given, before.files, held);
    const after = { files, held, home: snapshot.home ?? before.home, latest: snapshot };
    sources.set(source, after);
    troublesBySource.set(source, [...rejections(files), ...skips(snapshot), ...heldTroubles(source, held)]);
    keep(after, { source, sourceKind, before: before.files });
    return reindexed(files);
  }

  function keep(
    { files, held, home }: InForce,
    { source, sourceKind, before }: Pick<SourceSnapshot, 'source' | 'sourceKind'> & { readonly before: Files },
  ): void {
    for (const [location, { texts, pods }] of files) {
      const file: KeptFile = {
        source,
        sourceKind,
        location,
        home,
        texts,
        held: pods.map(({ key }) => key).filter((key) => held.has(key)),
      };
      if (texts.length > 0) lastGood.keep(file);
      else lastGood.forget(source, location);
    }
    for (const location of before.keys()) if (!files.has(location)) lastGood.forget(source, location);
  }

  function reindexed(files: Files): readonly DesiredPod[] {
    const all = [...sources.values()].flatMap((state) => [...state.files.values()]);
    index = indexObjects(
      all.flatMap((file) => file.objects),
      index,
    );
    return [...files.values()].flatMap((file) => file.pods);
  }

  function fail(failure: SourceFailure): readonly DesiredPod[] | undefined {
    const { source } = failure;
    const isFirst = !sources.has(source);
    const state = inForce(source);
    if (failure.isGone && guard.allowEmpty) return applyGone(failure, state);
    sources.set(source, { ...state, latest: failure });
    troublesBySource.set(source, [failureTrouble(failure, state.files), ...rejections(state.files)]);
    if (!isFirst) return undefined;
    // A place that has never given anything may be empty; one that cannot be read says nothing.
    return state.files.size > 0 || failure.isGone ? reindexed(state.files) : undefined;
  }

  /** A place that is gone, where that means what it seems to. */
  function applyGone(failure: SourceFailure, { home }: InForce): readonly DesiredPod[] {
    const { source } = failure;
    const nothing = { kind: 'snapshot', source, sourceKind: 'file', files: [], skipped: [] } as const;
    const pods = apply({ ...nothing, ...(home === undefined ? {} : { home }) }, { ...guard, allowEmpty: true });
    const state = inForce(source);
    sources.set(source, { ...state, latest: failure });
    troublesBySource.set(source, [failureTrouble(failure, state.files)]);
    return pods;
  }

  function acceptOne(source: string, state: InForce): Accepted | undefined {
    const { latest } = state;
    const wasThere = keysOf(state.files);
    const permissive = { ...guard, allowEmpty: true };
    let pods: readonly DesiredPod[];
    if (latest?.kind === 'failure' && latest.isGone && wasThere.size > 0) pods = applyGone(latest, state);
    else if (latest?.kind === 'snapshot' && state.held.size > 0) pods = apply(latest, permissive);
    else return undefined;
    const left = new Set(pods.map(({ key }) => key));
    return { source, pods, ended: [...wasThere].filter((key) => !left.has(key)).sort() };
  }

  return {
    update: (update) => (update.kind === 'failure' ? fail(update) : apply(update, guard)),
    recall(source) {
      if (sources.has(source)) return undefined;
      const { files } = inForce(source);
      return files.size === 0 ? undefined : reindexed(files);
    },
    accept: () => [...sources].flatMap(([source, state]) => acceptOne(source, state) ?? []),
    setVariables(next) {
      variables = next;
      return [...sources].flatMap(([source, { latest }]) =>
        latest?.kind === 'snapshot' ? [{ source, pods: apply(latest, guard) }] : [],
      );
    },
    forgetAll() {
      for (const [source, { files }] of sources) for (const location of files.keys()) lastGood.forget(source, location);
    },
    find(ref: ObjectRef) {
      const found = index.byKey.get(objectKey(ref));
      return found?.kind === 'PersistentVolumeClaim' ? undefined : found;
    },
    findClaim(name: ClaimName) {
      const found = index.byKey.get(objectKey(claimRef(name)));
      return found?.kind === 'PersistentVolumeClaim' ? found : undefined;
    },
    claims: () => [...index.byKey.values()].filter((object) => object.kind === 'PersistentVolumeClaim'),
    objects: () => [...index.byKey].map(([key, object]) => versionOf(key, object)),
    troubles: () => [...[...troublesBySource.values()].flat(), ...index.troubles],
  };
}

function versionOf(key: string, object: ManifestObject): ObjectVersion {
  const { hash } = object;
  if (object.kind !== 'PersistentVolumeClaim') return { key, hash };
  const { accessModes, storage } = object;
  return { key, hash, claim: { accessModes, storage } };
}

interface Change {
  readonly given: Files;
  readonly snapshot: SourceSnapshot;
  readonly settings: GuardSettings;
}

/** What was held stays held until the source gives it again; what goes now is judged as one step. */
function heldKeys(before: InForce, { given, snapshot, settings }: Change): ReadonlySet<string> {
  const after = keysOf(given);
  const saysEmpty = [...given.values()].some((file) => file.saysEmpty);
  if (saysEmpty || settings.allowEmpty) return new Set();
  const still = [...before.held].filter((key) => !after.has(key));
  const free = new Set([...keysOf(before.files)].filter((key) => !before.held.has(key)));
  const isElsewhere = snapshot.home !== undefined && before.home !== undefined && snapshot.home !== before.home;
  const isReplaced = isElsewhere && given.size === 0;
  return new Set([...still, ...heldBy({ before: free, after, isReplaced, saysEmpty }, settings)]);
}

/** Files whose pods are held stay with all that those pods use. */
function withHeld(given: Files, before: Files, held: ReadonlySet<string>): Files {
  if (held.size === 0) return given;
  const files = new Map(given);
  for (const [location, last] of before) {
    if (!last.pods.some(({ key }) => held.has(key))) continue;
    const now = given.get(location);
    const kept = { ...last, pods: last.pods.filter(({ key }) => held.has(key)) };
    files.set(location, now === undefined ? { ...kept, digest: '' } : { ...now, ...completed(now, kept) });
  }
  return files;
}

function keysOf(files: Files): ReadonlySet<string> {
  return new Set([...files.values()].flatMap((file) => file.pods.map(({ key }) => key)));
}
