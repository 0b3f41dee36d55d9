// The two sides of `cp`: a path here, or [namespace/]pod:path. Pure.
import { err, ok, type Result } from '../../lib/result.ts';
import { EXIT, type Failure } from '../exitCodes.ts';

export type Place =
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'pod'; readonly pod: string; readonly path: string };

export interface Copying {
  readonly direction: 'download' | 'upload';
  readonly pod: string;
  readonly remote: string;
  readonly local: string;
}

/** A colon after a name makes it a pod's; a path with a colon is written with ./ before it. */
function parsePlace(text: string): Place {
  const match = /^([a-z0-9][a-z0-9./-]*):(.*)$/s.exec(text);
  const [, pod, path] = match ?? [];
  return pod === undefined || path === undefined ? { kind: 'here', path: text } : { kind: 'pod', pod, path };
}

export function parseCopying(from: string, to: string): Result<Copying, Failure> {
  const [source, target] = [parsePlace(from), parsePlace(to)];
  if (source.kind === 'pod' && target.kind === 'here' && source.path !== '' && target.path !== '')
    return ok({ direction: 'download', pod: source.pod, remote: source.path, local: target.path });
  if (source.kind === 'here' && target.kind === 'pod' && source.path !== '' && target.path !== '')
    return ok({ direction: 'upload', pod: target.pod, remote: target.path, local: source.path });
  return err({
    exitCode: EXIT.usage,
    message: 'Exactly one side must be in a pod: solopod cp POD:PATH PATH, or solopod cp PATH POD:PATH',
  });
}

/** Path of a member below what was copied: its first part is replaced. @returns undefined for one that leads out */
export function memberPath(name: string, base: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const inside = base === '.' ? parts : parts[0] === base ? parts.slice(1) : undefined;
  if (inside === undefined || inside.includes('..') || inside.some((part) => part.includes('\0'))) return undefined;
  return inside.join('/');
}
