// Manifests from a URL, asked for at regular intervals. Anything but a complete answer with status 200 is a failure,
// and what the URL gave before stays in force: 404 and an empty body are not "no pods".
// Rule: kubelet staticPodURL, with conditional requests added, which survive a restart.
import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result } from '../lib/result.ts';
import type { SourceFailure, SourceFile, SourcePort, SourceSnapshot } from '../ports/sources.ts';
import { type Connection, type ConnectionFiles, openConnection, type ProxyEnv } from './connection.ts';
import { type FetchFailure, fetchManifest, type HeaderLists, type Validators } from './fetch.ts';
import { digestOf } from './readFile.ts';
import { signatureUrl, withoutSecrets } from './url.ts';

export interface HttpSourceOptions {
  readonly url: URL;
  readonly headers: HeaderLists;
  /** Between the end of one request and the start of the next, give or take a tenth (httpCheckFrequency). */
  readonly intervalMs: number;
  /** For one whole exchange. */
  readonly timeoutMs: number;
  readonly files?: ConnectionFiles;
  readonly proxyEnv?: ProxyEnv;
  /** Keeps the last answer over restarts, so that the first question is a conditional one too. */
  readonly memory?: AnswerMemory;
  /** A detached signature is asked for beside every manifest. */
  readonly isSigned?: boolean;
}

/** The last complete answer of a URL. */
export interface Answered {
  readonly bytes: Uint8Array;
  readonly validators: Validators;
}

export interface AnswerMemory {
  load(name: string): Promise<Answered | undefined>;
  save(name: string, answer: Answered): Promise<void>;
}

/** Keeps many machines from asking one server at the same moments. */
const JITTER = 0.1;

export function createHttpSource(options: HttpSourceOptions): SourcePort {
  const { url, intervalMs } = options;
  const location = withoutSecrets(url);
  // Two URLs that differ only in what is hidden are two sources.
  const id = location === url.href ? location : `${location}#${digestOf(Buffer.from(url.href)).slice(7, 15)}`;

  async function watch(deliver: (update: SourceSnapshot | SourceFailure) => void, signal: AbortSignal): Promise<void> {
    const manifest = createPoller(url, id, options);
    const signature = options.isSigned === true ? createPoller(signatureUrl(url), `${id}.sig`, options) : undefined;
    let delivered: string | undefined;
    while (!signal.aborted) {
      const found = await poll({ manifest, signature, location }, signal);
      if (signal.aborted) return;
      const update = encodeUpdate(id, found);
      const fingerprint = update.kind === 'failure' ? update.message : update.files[0]?.digest;
      if (fingerprint !== delivered) deliver(update);
      delivered = fingerprint;
      const wishMs = found.ok ? 0 : (found.error.retryAfterMs ?? 0);
      await pause(Math.max(jittered(intervalMs), wishMs), undefined, { signal }).catch(() => {});
    }
  }

  return { id, watch };
}

interface Pollers {
  readonly manifest: Poller;
  readonly signature: Poller | undefined;
  readonly location: string;
}

async function poll(
  { manifest, signature, location }: Pollers,
  signal: AbortSignal,
): Promise<Result<SourceFile, FetchFailure>> {
  const answer = await manifest(signal);
  if (!answer.ok) return answer;
  const bytes = answer.value;
  const digest = digestOf(bytes);
  if (signature === undefined) return ok({ location, digest, bytes });
  const signed = await signature(signal);
  // Without a signature the manifest is refused with the reason; it is no failure of the server.
  if (!signed.ok) return ok({ location, digest: `${digest}+${signed.error.message}`, bytes });
  return ok({ location, digest: `${digest}+${digestOf(signed.value)}`, bytes, signature: signed.value });
}

/** Asks once. @returns what the URL holds now, whether or not it was sent again */
type Poller = (signal: AbortSignal) => Promise<Result<Uint8Array, FetchFailure>>;

function createPoller(url: URL, name: string, options: HttpSourceOptions): Poller {
  const { headers, timeoutMs, files = {}, proxyEnv = {}, memory } = options;
  let last: Answered | undefined;
  let isRecalled = false;
  let kept: Connection | undefined;

  return async (signal) => {
    if (!isRecalled) last = await memory?.load(name);
    isRecalled = true;
    const connection = await openConnection(files, proxyEnv, kept);
    if (!connection.ok) return err({ message: `${withoutSecrets(url)}: ${connection.error}` });
    kept = connection.value;
    const asking = { headers, validators: last?.validators, timeoutMs, connection: kept };
    const fetched = await fetchManifest(url, asking, signal);
    if (!fetched.ok) return fetched;
    if (fetched.value.kind === 'content') {
      const { bytes, validators } = fetched.value;
      const isNew = last === undefined || digestOf(last.bytes) !== digestOf(bytes);
      const isRetold = JSON.stringify(last?.validators) !== JSON.stringify(validators);
      last = { bytes, validators };
      if (isNew || isRetold) await memory?.save(name, last);
    }
    return last === undefined
      ? err({ message: `${withoutSecrets(url)}: answered 304 to a first question` })
      : ok(last.bytes);
  };
}

function encodeUpdate(source: string, found: Result<SourceFile, FetchFailure>): SourceSnapshot | SourceFailure {
  if (!found.ok) return { kind: 'failure', source, message: found.error.message, isGone: false };
  return { kind: 'snapshot', source, sourceKind: 'http', files: [found.value], skipped: [] };
}

function jittered(ms: number): number {
  return ms * (1 - JITTER + 2 * JITTER * Math.random());
}
