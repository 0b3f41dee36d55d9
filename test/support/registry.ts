// A registry in the test itself, on loopback: it gives the busybox image under every name, to everybody below `free/`
// and to nobody below `private/`. Rule: OCI distribution-spec v1.1, pull only.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { BUSYBOX_IMAGE, busyboxArchive } from '../../src/platform/localImages.ts';

export interface Registry extends AsyncDisposable {
  /** "127.0.0.1:port": runtimes speak plain HTTP to it. */
  readonly host: string;
}

export async function startRegistry(): Promise<Registry> {
  const directory = await mkdtemp(path.join(tmpdir(), 'solopod-registry-'));
  const archive = await busyboxArchive(BUSYBOX_IMAGE);
  assert.ok(archive.ok);
  await writeFile(path.join(directory, 'image.tar'), archive.value);
  await promisify(execFile)('tar', ['-xf', 'image.tar'], { cwd: directory });
  const index = JSON.parse(await readFile(path.join(directory, 'index.json'), 'utf8'));
  const { digest, mediaType } = index.manifests[0];
  const server = createServer((request, response) => {
    answer(request, response, { directory, digest, mediaType }).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Content {
  readonly directory: string;
  readonly digest: string;
  readonly mediaType: string;
}

async function answer(
  { url = '', method }: IncomingMessage,
  response: ServerResponse,
  { directory, digest, mediaType }: Content,
): Promise<void> {
  if (url.startsWith('/v2/private/')) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="private"' }).end();
    return;
  }
  const asked = /^\/v2\/.+\/(manifests|blobs)\/([^/?]+)/.exec(url);
  if (asked === null) {
    response.writeHead(url === '/v2/' ? 200 : 404).end();
    return;
  }
  const isManifest = asked[1] === 'manifests';
  const wanted = isManifest ? digest : (asked[2] ?? '');
  const bytes = await readFile(path.join(directory, 'blobs/sha256', path.basename(wanted.replace('sha256:', ''))));
  const type = isManifest ? mediaType : 'application/octet-stream';
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'docker-content-digest': wanted,
  });
  response.end(method === 'HEAD' ? undefined : bytes);
}
