// Manifests from a directory or a single file: delivers the whole set at start and whenever it changes.
// Looks again on a hint of the kernel, at a regular interval whatever the hints say, and when a file has to settle.
// Rule: kubelet staticPodPath, but what cannot be read keeps its pods (a vanished mount is not an empty directory).
import path from 'node:path';
import type { Instant } from '../api/time.ts';
import type { SourceFailure, SourcePort, SourceSnapshot } from '../ports/sources.ts';
import { createBell } from './bell.ts';
import { createHints } from './hints.ts';
import { createScanner, type Scan } from './scan.ts';

export interface DirectorySourceOptions {
  /** Absolute path of a directory or a file; it need not exist yet. */
  readonly path: string;
  /** How often to look without a hint (fileCheckFrequency). */
  readonly intervalMs: number;
  readonly now: () => Instant;
  /** Told once when changes can only be found by looking now and then. */
  readonly warn?: (message: string) => void;
  /** A detached signature "NAME.sig" is looked for beside every manifest. */
  readonly isSigned?: boolean;
}

export function createDirectorySource(options: DirectorySourceOptions): SourcePort {
  const location = path.resolve(options.path);
  const id = `file:${location}`;

  async function watch(deliver: (update: SourceSnapshot | SourceFailure) => void, signal: AbortSignal): Promise<void> {
    const scanner = createScanner(location, options);
    const bell = createBell(signal);
    const hints = createHints({ hint: bell.ring, warn: options.warn ?? (() => {}) });
    let delivered: string | undefined;
    let hasDeliveredSet = false;
    try {
      while (!signal.aborted) {
        const scan = await scanner.scan(hints.take());
        const isSettling = scan.kind === 'listed' && scan.againMs !== undefined;
        const update = encodeUpdate(id, scan);
        const fingerprint = fingerprintOf(update);
        // The first set must be whole: what is missing from it is taken down.
        const isPartial = isSettling && !hasDeliveredSet;
        if (fingerprint !== delivered && !isPartial && !signal.aborted) {
          deliver(update);
          delivered = fingerprint;
          hasDeliveredSet ||= update.kind === 'snapshot';
        }
        await hints.aim(scan.kind === 'listed' ? scan.directory : location);
        await bell.wait(isSettling ? Math.min(scan.againMs ?? 0, options.intervalMs) : options.intervalMs);
      }
    } finally {
      await hints.close();
    }
  }

  return { id, watch };
}

function encodeUpdate(source: string, scan: Scan): SourceSnapshot | SourceFailure {
  const snapshot = { kind: 'snapshot', source, sourceKind: 'file' } as const;
  switch (scan.kind) {
    case 'failed':
      return { kind: 'failure', source, message: scan.message, isGone: scan.isGone };
    case 'listed':
      return { ...snapshot, files: scan.files, skipped: scan.skipped, home: scan.home };
  }
}

/** Equal for updates that say the same. */
function fingerprintOf(update: SourceSnapshot | SourceFailure): string {
  if (update.kind === 'failure') return JSON.stringify(update);
  return JSON.stringify([update.home, update.files.map((file) => [file.location, file.digest]), update.skipped]);
}
