// From files to pods: decodes what sources deliver, remembers what each file last gave, and keeps the last good
// version of a file whose newest text is refused. One catalog serves all sources of a runner.
import type { DesiredPod } from '../api/desiredPod.ts';
import type { Diagnostic } from '../manifest/diagnostic.ts';
import { loadManifest } from '../manifest/load.ts';
import type { SourceTrouble } from '../ports/runner.ts';
import type { SourceFailure, SourceFile, SourceSnapshot } from '../ports/sources.ts';

interface FileEntry {
  readonly digest: string;
  /** What the newest text gives, completed by what the last good text gave for pods that it fails to give. */
  readonly pods: readonly DesiredPod[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface Catalog {
  /** The source's pods after this update; undefined when what it gave before stays in force. */
  update(update: SourceSnapshot | SourceFailure): readonly DesiredPod[] | undefined;
  /** What does not run, and why, over all sources. */
  troubles(): readonly SourceTrouble[];
}

export function createCatalog(options: { readonly nodeName: string }): Catalog {
  const filesBySource = new Map<string, ReadonlyMap<string, FileEntry>>();
  const troublesBySource = new Map<string, readonly SourceTrouble[]>();

  function read(file: SourceFile, snapshot: SourceSnapshot, before: FileEntry | undefined): FileEntry {
    if (before?.digest === file.digest) return before;
    const { location } = file;
    const source = snapshot.sourceKind;
    const loaded = loadManifest(file.bytes, {
      file: location,
      location,
      source,
      nodeName: options.nodeName,
      mode: 'run',
    });
    const isBroken = loaded.diagnostics.some((d) => d.severity === 'error');
    const given = new Set(loaded.pods.map((p) => p.key));
    const kept = isBroken ? (before?.pods.filter((p) => !given.has(p.key)) ?? []) : [];
    return { digest: file.digest, pods: [...loaded.pods, ...kept], diagnostics: loaded.diagnostics };
  }

  return {
    update(update) {
      if (update.kind === 'failure') {
        const trouble: SourceTrouble = {
          location: update.source,
          kind: 'failed',
          message: update.message,
          diagnostics: [],
        };
        troublesBySource.set(update.source, [trouble]);
        return undefined;
      }
      const before = filesBySource.get(update.source);
      const entries = new Map(update.files.map((f) => [f.location, read(f, update, before?.get(f.location))]));
      for (const { location, kind } of update.skipped) {
        const known = before?.get(location);
        if (kind === 'failed' && known !== undefined) entries.set(location, known);
      }
      filesBySource.set(update.source, entries);
      troublesBySource.set(update.source, [...rejections(entries), ...skips(update)]);
      return [...entries.values()].flatMap((e) => e.pods);
    },
    troubles: () => [...troublesBySource.values()].flat(),
  };
}

function rejections(entries: ReadonlyMap<string, FileEntry>): SourceTrouble[] {
  const troubles: SourceTrouble[] = [];
  for (const [location, { diagnostics }] of entries) {
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
