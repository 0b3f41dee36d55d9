// From files to pods: decodes what sources deliver, remembers what each file last gave, and keeps the last good
// version of a file whose newest text is refused. One catalog serves all sources of a runner.
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Diagnostic } from '../manifest/diagnostic.ts';
import { loadManifest } from '../manifest/load.ts';
import type { SourceTrouble } from '../ports/runner.ts';
import type { SourceFailure, SourceFile, SourceSnapshot } from '../ports/sources.ts';
import type { LastGood } from './lastGood.ts';

interface FileEntry {
  readonly digest: string;
  /** What the newest text gives, completed by what the last good text gave for pods that it fails to give. */
  readonly pods: readonly DesiredPod[];
  readonly diagnostics: readonly Diagnostic[];
}

type Files = ReadonlyMap<string, FileEntry>;

export interface CatalogOptions {
  readonly nodeName: string;
  readonly lastGood: Pick<LastGood, 'recall' | 'keep' | 'forget'>;
}

export interface Catalog {
  /** The source's pods after this update; undefined when what it gave before stays in force. */
  update(update: SourceSnapshot | SourceFailure): readonly DesiredPod[] | undefined;
  /** What does not run, and why, over all sources. */
  troubles(): readonly SourceTrouble[];
}

export function createCatalog({ nodeName, lastGood }: CatalogOptions): Catalog {
  const filesBySource = new Map<string, Files>();
  const troublesBySource = new Map<string, readonly SourceTrouble[]>();

  function load(bytes: Uint8Array, location: string, { sourceKind }: SourceSnapshot) {
    return loadManifest(bytes, { file: location, location, source: sourceKind, nodeName, mode: 'run' });
  }

  function read(file: SourceFile, snapshot: SourceSnapshot, before: FileEntry | undefined): FileEntry {
    const { digest, location, bytes } = file;
    if (before?.digest === digest) return before;
    const { pods, diagnostics } = load(bytes, location, snapshot);
    if (!diagnostics.some((d) => d.severity === 'error')) {
      lastGood.keep(location, digest, bytes);
      return { digest, pods, diagnostics };
    }
    const given = new Set(pods.map((p) => p.key));
    const kept = (before?.pods ?? recalled(location, snapshot)).filter((p) => !given.has(p.key));
    return { digest, pods: [...pods, ...kept], diagnostics };
  }

  /** What the file gave when it was last good, from before this start. */
  function recalled(location: string, snapshot: SourceSnapshot): readonly DesiredPod[] {
    const bytes = lastGood.recall(location);
    return bytes === undefined ? [] : load(bytes, location, snapshot).pods;
  }

  function unreadable(location: string, snapshot: SourceSnapshot, before: FileEntry | undefined): FileEntry {
    return before ?? { digest: '', pods: recalled(location, snapshot), diagnostics: [] };
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
      return [...files.values()].flatMap((f) => f.pods);
    },
    troubles: () => [...troublesBySource.values()].flat(),
  };
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
