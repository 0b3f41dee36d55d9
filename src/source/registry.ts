// Every kind of manifest source, made from what the user named. To add a kind: write src/source/<kind>.ts with a
// create<Kind>Source, add a variant to SourceSpec, add an arm below.
import type { Instant } from '../api/time.ts';
import type { SourcePort } from '../ports/sources.ts';
import { createDirectorySource } from './directory.ts';
import type { HeaderLists } from './fetch.ts';
import { createHttpSource, type HttpSourceOptions } from './http.ts';
import { createStdinSource } from './stdin.ts';

export type SourceSpec =
  /** Absolute path of a directory or a file. */
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL; readonly headers: HeaderLists }
  | { readonly kind: 'stdin'; readonly bytes: Uint8Array };

export interface SourceOptions {
  readonly fileCheckMs: number;
  readonly httpCheckMs: number;
  readonly now: () => Instant;
  readonly warn: (message: string) => void;
  /** Detached signatures are looked for beside manifests. */
  readonly isSigned: boolean;
  readonly http: Pick<HttpSourceOptions, 'timeoutMs' | 'files' | 'proxyEnv' | 'memory'>;
}

/** In the order given; a place that is named twice becomes one source. */
export function createSources(specs: readonly SourceSpec[], options: SourceOptions): readonly SourcePort[] {
  const sources = specs.map((spec) => createSource(spec, options));
  return sources.filter((source, index) => sources.findIndex(({ id }) => id === source.id) === index);
}

function createSource(
  spec: SourceSpec,
  { fileCheckMs, httpCheckMs, now, warn, isSigned, http }: SourceOptions,
): SourcePort {
  switch (spec.kind) {
    case 'path':
      return createDirectorySource({ path: spec.path, intervalMs: fileCheckMs, now, warn, isSigned });
    case 'url':
      return createHttpSource({ url: spec.url, headers: spec.headers, intervalMs: httpCheckMs, isSigned, ...http });
    case 'stdin':
      return createStdinSource(spec.bytes);
  }
}
