// Debian's docker-registry on loopback, with one user, and a door in front of it that can be told to be slow, to fail or to
// cut connections. What is asked below `free/` gets the password lent; everything else has to bring it.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BUSYBOX_IMAGE, busyboxArchive } from '../../src/platform/localImages.ts';
import { encodeTar } from '../../src/platform/tar.ts';
import { fetchProgram } from './debianPrograms.ts';

const PATIENCE_MS = 30_000;
export const USER = 'jane';
export const PASSWORD = 'open sesame';
/** bcrypt of the password: the only form that the registry knows. */
const HTPASSWD = `${USER}:$2b$04$QBZSyQJhtCmZYxbIZoI8keFhKEiy5AvwfXjnSVIaEMK2Ooe6NIvvi\n`;
const AUTHORIZATION = `Basic ${btoa(`${USER}:${PASSWORD}`)}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What the door does with a request; undefined: lets it pass. */
export type Mood =
  | { readonly kind: 'fail'; readonly status: number }
  /** Bytes per second of what comes back. */
  | { readonly kind: 'slow'; readonly rate: number }
  /** Ends the connection after so many bytes of a blob. */
  | { readonly kind: 'cut'; readonly after: number };

export interface Asked {
  readonly method: string;
  readonly url: string;
  status: number;
}

export interface DebianRegistry extends AsyncDisposable {
  /** "127.0.0.1:port": runtimes speak plain HTTP to it. */
  readonly host: string;
  /** How the door treats repositories, by name. */
  readonly moods: Map<string, Mood>;
  readonly asked: readonly Asked[];
  /** Puts a busybox image that no other repository has under this name. @returns the whole reference */
  push(repository: string, bytes?: number): Promise<string>;
}

/** Why there is no such registry here; pass it as `skip`. */
export async function whyNoRegistry(): Promise<string | false> {
  const fetched = await fetchProgram('bookworm', 'docker-registry');
  return fetched.ok ? false : fetched.error;
}

export async function startDebianRegistry(): Promise<DebianRegistry> {
  const fetched = await fetchProgram('bookworm', 'docker-registry');
  assert.ok(fetched.ok, fetched.ok ? '' : fetched.error);
  const directory = await mkdtemp(path.join(tmpdir(), 'solopod-docker-registry-'));
  const base = await unpackBusybox(path.join(directory, 'busybox'));
  const port = await freePort();
  const child = await startProgram(path.join(fetched.value, 'docker-registry'), directory, port);
  const moods = new Map<string, Mood>();
  const asked: Asked[] = [];
  const door = createServer((incoming, response) => pass({ incoming, response, port, moods, asked }));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(door.address() as AddressInfo).port}`;
  return {
    host,
    moods,
    asked,
    async push(repository, bytes = 1024) {
      await pushImage(`http://127.0.0.1:${port}/v2/${repository}`, base, bytes);
      return `${host}/${repository}:1`;
    },
    [Symbol.asyncDispose]: async () => {
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startProgram(program: string, directory: string, port: number): Promise<ChildProcess> {
  await writeFile(path.join(directory, 'htpasswd'), HTPASSWD);
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path.join(directory, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
    auth: { htpasswd: { realm: 'test', path: path.join(directory, 'htpasswd') } },
  };
  const file = path.join(directory, 'config.yml');
  await writeFile(file, JSON.stringify(config));
  const child = spawn(program, ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += String(text);
  });
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined);
    if (answer?.status === 401) return child;
    assert.ok(Date.now() < end && child.exitCode === null, `docker-registry answers\n${said}`);
  }
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// --- the door ---

interface Passage {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly port: number;
  readonly moods: ReadonlyMap<string, Mood>;
  readonly asked: Asked[];
}

function pass({ incoming, response, port, moods, asked }: Passage): void {
  const { method = 'GET', url = '', headers } = incoming;
  const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(url)?.[1] ?? '';
  const entry: Asked = { method, url, status: 0 };
  asked.push(entry);
  response.on('finish', () => {
    entry.status = response.statusCode;
  });
  const mood = moods.get(repository);
  if (mood?.kind === 'fail') {
    response.writeHead(mood.status).end();
    return;
  }
  const lent = repository.startsWith('free/') ? { authorization: AUTHORIZATION } : {};
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, ...lent } }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    void deliver(answer, response, url.includes('/blobs/') ? mood : undefined);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}

async function deliver(answer: IncomingMessage, response: ServerResponse, mood: Mood | undefined): Promise<void> {
  let sent = 0;
  try {
    for await (const chunk of answer) {
      const bytes: Buffer = chunk;
      if (mood?.kind === 'cut' && sent + bytes.length > mood.after) {
        response.write(bytes.subarray(0, mood.after - sent), () => response.destroy());
        return;
      }
      response.write(bytes);
      sent += bytes.length;
      if (mood?.kind === 'slow') await sleep((bytes.length / mood.rate) * 1000);
      if (response.destroyed) return;
    }
    response.end();
  } catch {
    response.destroy();
  }
}

// --- images ---

/** The busybox image with one more layer, of random bytes: a runtime that has busybox still has to fetch that. */
async function pushImage(url: string, base: Base, bytes: number): Promise<void> {
  const extra = encodeTar([{ kind: 'file', path: 'extra', mode: 0o644, content: randomBytes(bytes) }]);
  const config = JSON.stringify({
    ...base.config,
    rootfs: { type: 'layers', diff_ids: [...base.config.rootfs.diff_ids, digestOf(extra)] },
    history: [],
  });
  const layer = { mediaType: base.manifest.layers[0]?.mediaType ?? '', digest: digestOf(extra), size: extra.length };
  const manifest = JSON.stringify({
    ...base.manifest,
    config: { ...base.manifest.config, digest: digestOf(config), size: Buffer.byteLength(config) },
    layers: [...base.manifest.layers, layer],
  });
  for (const blob of [base.layer, extra, Buffer.from(config)]) await pushBlob(url, blob);
  const headers = { authorization: AUTHORIZATION, 'content-type': MANIFEST };
  await accepted(fetch(`${url}/manifests/1`, { method: 'PUT', headers, body: manifest }));
}

interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly config: Described;
  readonly layers: readonly Described[];
}

interface Base {
  readonly manifest: Manifest;
  readonly config: { readonly rootfs: { readonly diff_ids: readonly string[] } };
  readonly layer: Buffer;
}

async function unpackBusybox(folder: string): Promise<Base> {
  await mkdir(folder);
  const archive = await busyboxArchive(BUSYBOX_IMAGE);
  assert.ok(archive.ok);
  await writeFile(path.join(folder, 'image.tar'), archive.value);
  await promisify(execFile)('tar', ['-xf', 'image.tar'], { cwd: folder });
  const read = (digest: string): Promise<Buffer> => readFile(path.join(folder, 'blobs', ...digest.split(':')));
  const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8'));
  const manifest: Manifest = JSON.parse(String(await read(index.manifests[0].digest)));
  const config: Base['config'] = JSON.parse(String(await read(manifest.config.digest)));
  return { manifest, config, layer: await read(manifest.layers[0]?.digest ?? '') };
}

async function pushBlob(url: string, bytes: Buffer): Promise<void> {
  const headers = { authorization: AUTHORIZATION };
  const begun = await accepted(fetch(`${url}/blobs/uploads/`, { method: 'POST', headers }));
  const target = new URL(begun.headers.get('location') ?? '', url);
  target.searchParams.set('digest', digestOf(bytes));
  const type = { ...headers, 'content-type': 'application/octet-stream' };
  await accepted(fetch(target, { method: 'PUT', headers: type, body: new Uint8Array(bytes) }));
}

async function accepted(call: Promise<Response>): Promise<Response> {
  const answer = await call;
  assert.ok(answer.ok, `${answer.url}: ${answer.status} ${answer.ok ? '' : await answer.text()}`);
  return answer;
}

function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
