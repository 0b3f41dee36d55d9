// What people are told about sources: what was refused and what runs instead, what could not be read, what is held. Pure.
import type { SourceTrouble } from '../ports/runner.ts';
import type { SourceFailure, SourceSnapshot } from '../ports/sources.ts';
import type { ManifestFile } from './manifestFile.ts';

type Files = ReadonlyMap<string, ManifestFile>;

const NAMED_MAX = 5;
const DIGEST_SHOWN = 'sha256:'.length + 8;

export function rejections(files: Files): readonly SourceTrouble[] {
  const troubles: SourceTrouble[] = [];
  for (const [location, { diagnostics, digest, pods }] of files) {
    const errors = diagnostics.filter((d) => d.severity === 'error');
    const [first] = errors;
    if (first === undefined) continue;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const where = `${first.line}:${first.column}: ${first.path === '' ? '' : `${first.path}: `}`;
    const version = digest.slice('sha256:'.length, DIGEST_SHOWN);
    troubles.push({
      location,
      kind: 'rejected',
      message: `${where}${first.message}${more}`,
      diagnostics: errors,
      version,
      running: pods.map(({ key, hash }) => ({ key, hash })),
    });
  }
  return troubles;
}

export function skips({ skipped }: SourceSnapshot): readonly SourceTrouble[] {
  return skipped.map(({ location, kind, reason }) => ({ location, kind, message: reason, diagnostics: [] }));
}

export function heldTroubles(source: string, held: ReadonlySet<string>): readonly SourceTrouble[] {
  if (held.size === 0) return [];
  const message = `no longer gives ${named([...held].sort())}: too much at once to be meant, so they keep running; to end them: solopod accept`;
  return [{ location: source, kind: 'held', message, diagnostics: [] }];
}

export function failureTrouble({ source, message, isGone }: SourceFailure, files: Files): SourceTrouble {
  const keys = [...files.values()].flatMap(({ pods }) => pods.map(({ key }) => key)).sort();
  if (keys.length === 0) return { location: source, kind: 'failed', message, diagnostics: [] };
  const remedy = isGone ? '; if they should end: solopod accept' : '';
  return {
    location: source,
    kind: isGone ? 'held' : 'failed',
    message: `${message}: ${named(keys)} keep running${remedy}`,
    diagnostics: [],
  };
}

function named(keys: readonly string[]): string {
  const rest = keys.length - NAMED_MAX;
  const count = `${keys.length} ${keys.length === 1 ? 'pod' : 'pods'}`;
  return `${count} (${keys.slice(0, NAMED_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
}
