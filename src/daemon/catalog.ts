// From files to pods and objects: decodes what sources deliver, remembers what each file last gave, and keeps the last
// good version of a file whose newest text is refused. One catalog serves all sources of a runner. It is the only place
// that holds the values of ConfigMaps and Secrets.
import { type Claim, type ClaimName, claimRef } from '../api/claim.ts';
import { type ObjectRef, objectKey } from '../api/dataObject.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import type { ObjectVersion } from '../core/input.ts';
import type { Diagnostic } from '../manifest/diagnostic.ts';
import { loadManifest } from '../manifest/load.ts';
import type { ObjectsPort } from '../ports/objects.ts';
import type { SourceTrouble } from '../ports/runner.ts';
import type { SourceFailure, SourceFile, SourceSnapshot } from '../ports/sources.ts';
import type { LastGood } from './lastGood.ts';
import { indexObjects, type ManifestObject, NO_OBJECTS } from './objectIndex.ts';

interface FileEntry {
  readonly digest: string;
  /** What the newest text gives, completed by what the last good text gave and it fails to give. */
  readonly pods: readonly DesiredPod[];
  readonly objects: readonly ManifestObject[];
  readonly diagnostics: readonly Diagnostic[];
}

type Files = ReadonlyMap<string, FileEntry>;

export interface CatalogOptions {
  readonly nodeName: string;
  readonly lastGood: Pick<LastGood, 'recall' | 'keep' | 'forget'>;
}

export interface Catalog extends ObjectsPort {
  /** The source's pods after this update; undefined when what it gave before stays in force. */
  update(update: SourceSnapshot | SourceFailure): readonly DesiredPod[] | undefined;
  /** Every claim over all sources. */
  claims(): readonly Claim[];
  /** Every object over all sources, by key and version. */
  objects(): readonly ObjectVersion[];
  /** What does not run, and why, over all sources. */
  troubles(): readonly SourceTrouble[];
}

export function createCatalog({ nodeName, lastGood }: CatalogOptions): Catalog {
  const filesBySource = new Map<string, Files>();
  const troublesBySource = new Map<string, readonly SourceTrouble[]>();
  let index = NO_OBJECTS;

  function load(bytes: Uint8Array, location: string, { sourceKind }: SourceSnapshot) {
    return loadManifest(bytes, { file: location, location, source: sourceKind, nodeName, mode: 'run' });
  }

  function read(file: SourceFile, snapshot: SourceSnapshot, before: FileEntry | undefined): FileEntry {
    const { digest, location, bytes } = file;
    if (before?.digest === digest) return before;
    const { pods, objects, diagnostics } = load(bytes, location, snapshot);
    if (!diagnostics.some((d) => d.severity === 'error')) {
      lastGood.keep(location, digest, bytes);
      return { digest, pods, objects, diagnostics };
    }
    const last = before ?? recalled(location, snapshot);
    return {
      digest,
      pods: completed(pods, last.pods, (pod) => pod.key),
      objects: completed(objects, last.objects, objectKey),
      diagnostics,
    };
  }

  /** What the file gave when it was last good, from before this start. */
  function recalled(location: string, snapshot: SourceSnapshot): Pick<FileEntry, 'pods' | 'objects'> {
    const bytes = lastGood.recall(location);
    return bytes === undefined ? { pods: [], objects: [] } : load(bytes, location, snapshot);
  }

  function unreadable(location: string, snapshot: SourceSnapshot, before: FileEntry | undefined): FileEntry {
    if (before !== undefined) return before;
    const { pods, objects } = recalled(location, snapshot);
    return { digest: '', pods, objects, diagnostics: [] };
  }

  return {
    update(update) {
      const { source } = update;
      if (update.kind === 'failure') {
        troublesBySource.set(source, [{ location: source, kind: 'failed', message: update.message, diagnostics: [] }]);
        return undefined;
      }
      const before = filesBySource.get(source);
      const files = new Map(update.files.map((f) => [f.location, read(f, update, before?.get(f.location))]));
      for (const { location, kind } of update.skipped) {
        if (kind === 'failed') files.set(location, unreadable(location, update, before?.get(location)));
      }
      for (const location of before?.keys() ?? []) if (!files.has(location)) lastGood.forget(location);
      filesBySource.set(source, files);
      troublesBySource.set(source, [...rejections(files), ...skips(update)]);
      const all = [...filesBySource.values()].flatMap((known) => [...known.values()]);
      index = indexObjects(
        all.flatMap((f) => f.objects),
        index,
      );
      return [...files.values()].flatMap((f) => f.pods);
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

/** What is given now, and what was given last and is not given now. */
function completed<T>(now: readonly T[], last: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const given = new Set(now.map(keyOf));
  return [...now, ...last.filter((item) => !given.has(keyOf(item)))];
}

function rejections(files: Files): SourceTrouble[] {
  const troubles: SourceTrouble[] = [];
  for (const [location, { diagnostics }] of files) {
    const errors = diagnostics.filter((d) => d.severity === 'error');
    const [first] = errors;
    if (first === undefined) continue;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const where = `${first.line}:${first.column}: ${first.path === '' ? '' : `${first.path}: `}`;
    troubles.push({ location, kind: 'rejected', message: `${where}${first.message}${more}`, diagnostics: errors });
  }
  return troubles;
}

function skips({ skipped }: SourceSnapshot): SourceTrouble[] {
  return skipped.map(({ location, kind, reason }) => ({ location, kind, message: reason, diagnostics: [] }));
}
