// Manifests from standard input, read by the caller: one set, delivered once, in force until the end.
import { once } from 'node:events';
import type { SourcePort } from '../ports/sources.ts';
import { digestOf } from './readFile.ts';

/** How standard input is spelled as a location and on the command line. */
export const STDIN_LOCATION = '-';

export function createStdinSource(bytes: Uint8Array): SourcePort {
  const id = STDIN_LOCATION;
  return {
    id,
    async watch(deliver, signal) {
      if (signal.aborted) return;
      const file = { location: STDIN_LOCATION, digest: digestOf(bytes), bytes };
      deliver({ kind: 'snapshot', source: id, sourceKind: 'file', files: [file], skipped: [] });
      await once(signal, 'abort');
    },
  };
}
