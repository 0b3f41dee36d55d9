// Builds an OCI image archive (image layout in a tar) with one layer for this machine's architecture. Pure.
// Same input, same bytes: the image id does not depend on when and where the archive is made.
// Format: OCI image-spec v1.1, image-layout.md, manifest.md and config.md.
import { createHash } from 'node:crypto';
import { encodeTar, type TarEntry } from './tar.ts';

export interface ImageDescription {
  /** Full reference with tag: "localhost/busybox:1". */
  readonly name: string;
  /** GOARCH spelling: amd64, arm64, … */
  readonly architecture: string;
  readonly files: readonly TarEntry[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env: readonly string[];
  /** As a Dockerfile's USER; absent means root. */
  readonly user?: string;
}

const MEDIA = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
}

export function encodeImageArchive(image: ImageDescription): Buffer {
  const layer = blob(encodeTar(image.files));
  const config = jsonBlob({
    created: EPOCH,
    architecture: image.architecture,
    os: 'linux',
    config: {
      Env: image.env,
      ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }),
      ...(image.command === undefined ? {} : { Cmd: image.command }),
      ...(image.user === undefined ? {} : { User: image.user }),
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created: EPOCH, created_by: 'solopod' }],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: descriptor(MEDIA.config, config),
    layers: [descriptor(MEDIA.layer, layer)],
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor(MEDIA.manifest, manifest),
        platform: { architecture: image.architecture, os: 'linux' },
        annotations: {
          // containerd reads the first, other tools the second.
          'io.containerd.image.name': image.name,
          'org.opencontainers.image.ref.name': image.name,
        },
      },
    ],
  };
  return encodeTar([
    file('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    { kind: 'directory', path: 'blobs', mode: 0o755 },
    { kind: 'directory', path: 'blobs/sha256', mode: 0o755 },
    ...[layer, config, manifest].map((item) => file(`blobs/sha256/${hexOf(item)}`, item.bytes)),
    file('index.json', json(index)),
  ]);
}

const EPOCH = '1970-01-01T00:00:00Z';

function descriptor(mediaType: string, item: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: item.digest, size: item.bytes.length };
}

function blob(bytes: Buffer): Blob {
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function jsonBlob(value: unknown): Blob {
  return blob(json(value));
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function hexOf(item: Blob): string {
  return item.digest.slice('sha256:'.length);
}

function file(path: string, content: Buffer): TarEntry {
  return { kind: 'file', path, mode: 0o644, content };
}
