// Manifests from a URL, asked for at regular intervals. Anything but a complete answer with status 200 is a failure,
// and what the URL gave before stays in force: 404 and an empty body are not "no pods".
// Rule: kubelet staticPodURL, with conditional requests added.
import { setTimeout as pause } from 'node:timers/promises';
import type { SourceFailure, SourceFile, SourcePort, SourceSnapshot } from '../ports/sources.ts';
import { fetchManifest, type HeaderLists, type Validators } from './fetch.ts';
import { digestOf } from './readFile.ts';
import { withoutSecrets } from './url.ts';

export interface HttpSourceOptions {
  readonly url: URL;
  readonly headers: HeaderLists;
  /** Between the end of one request and the start of the next, give or take a tenth (httpCheckFrequency). */
  readonly intervalMs: number;
  /** For one whole exchange; 10 s when not given. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Keeps many machines from asking one server at the same moments. */
const JITTER = 0.1;

export function createHttpSource({ url, headers, intervalMs, timeoutMs = TIMEOUT_MS }: HttpSourceOptions): SourcePort {
  const location = withoutSecrets(url);
  // Two URLs that differ only in what is hidden are two sources.
  const id = location === url.href ? location : `${location}#${digestOf(Buffer.from(url.href)).slice(7, 15)}`;

  async function watch(deliver: (update: SourceSnapshot | SourceFailure) => void, signal: AbortSignal): Promise<void> {
    let validators: Validators | undefined;
    let file: SourceFile | undefined;
    let delivered: string | undefined;
    while (!signal.aborted) {
      const fetched = await fetchManifest(url, { headers, validators, timeoutMs }, signal);
      if (signal.aborted) return;
      if (fetched.ok && fetched.value.kind === 'content') {
        validators = fetched.value.validators;
        file = { location, digest: digestOf(fetched.value.bytes), bytes: fetched.value.bytes };
      }
      const update = encodeUpdate(id, fetched.ok ? file : undefined, fetched.ok ? '' : fetched.error);
      const fingerprint = update.kind === 'failure' ? update.message : file?.digest;
      if (fingerprint !== delivered) deliver(update);
      delivered = fingerprint;
      await pause(jittered(intervalMs), undefined, { signal }).catch(() => {});
    }
  }

  return { id, watch };
}

function encodeUpdate(source: string, file: SourceFile | undefined, message: string): SourceSnapshot | SourceFailure {
  if (file === undefined) return { kind: 'failure', source, message, isGone: false };
  return { kind: 'snapshot', source, sourceKind: 'http', files: [file], skipped: [] };
}

function jittered(ms: number): number {
  return ms * (1 - JITTER + 2 * JITTER * Math.random());
}
