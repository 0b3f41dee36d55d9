import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ImportFolder, type ImportTarget, importImages } from '../../../src/platform/imageImport.ts';
import { withParents } from '../../../src/platform/localImages.ts';
import { encodeImageArchive } from '../../../src/platform/ociArchive.ts';
import { run } from '../../../src/platform/run.ts';
import { encodeTar, type TarEntry } from '../../../src/platform/tar.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;
const ENTRIES: readonly TarEntry[] = [
  { kind: 'directory', path: 'bin', mode: 0o755 },
  { kind: 'file', path: 'bin/tool', mode: 0o755, content: Buffer.alloc(513, 'x') },
  { kind: 'link', path: 'bin/alias', target: '/bin/tool' },
  { kind: 'file', path: 'empty', mode: 0o600, content: Buffer.alloc(0) },
];

describe('tar archive', () => {
  it('is what tar reads, owned by root and from the year 1970', async (t) => {
    const file = join(await tempDir(t), 'a.tar');
    await writeFile(file, encodeTar(ENTRIES));
    const listed = await run('tar', ['--numeric-owner', '--full-time', '--utc', '-tvf', file]);
    assert.deepEqual(
      listed.ok &&
        listed.value
          .trim()
          .split('\n')
          .map((line) => line.replace(/ +/g, ' ')),
      [
        'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 bin/',
        '-rwxr-xr-x 0/0 513 1970-01-01 00:00:00 bin/tool',
        'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 bin/alias -> /bin/tool',
        '-rw------- 0/0 0 1970-01-01 00:00:00 empty',
      ],
    );
  });

  it('refuses a path that does not fit', () => {
    const entry: TarEntry = { kind: 'directory', path: 'x'.repeat(100), mode: 0o755 };
    assert.throws(() => encodeTar([entry]), /Tar path fits in 100 bytes/);
  });
});

describe('image archive', () => {
  const image = { name: 'localhost/x:1', architecture: 'amd64', files: ENTRIES, command: ['sh'], env: ['A=1'] };

  it('is the same bytes every time', () => {
    assert.deepEqual(encodeImageArchive(image), encodeImageArchive({ ...image }));
  });

  it('is an OCI layout in which every descriptor names the bytes that are there', async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, 'image.tar'), encodeImageArchive(image));
    await run('tar', ['-xf', 'image.tar'], { cwd: dir });
    const blobs = join(dir, 'blobs', 'sha256');
    for (const name of await readdir(blobs)) {
      assert.equal(
        createHash('sha256')
          .update(await readFile(join(blobs, name)))
          .digest('hex'),
        name,
      );
    }
    const json = async (...path: string[]) => JSON.parse(await readFile(join(dir, ...path), 'utf8'));
    const blob = async (digest: string) => json('blobs', 'sha256', digest.replace('sha256:', ''));
    const index = await json('index.json');
    const manifest = await blob(index.manifests[0].digest);
    const config = await blob(manifest.config.digest);
    assert.deepEqual(index.manifests[0].annotations, {
      'io.containerd.image.name': 'localhost/x:1',
      'org.opencontainers.image.ref.name': 'localhost/x:1',
    });
    assert.deepEqual(config, {
      created: '1970-01-01T00:00:00Z',
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['A=1'], Cmd: ['sh'], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [manifest.layers[0].digest] },
      history: [{ created: '1970-01-01T00:00:00Z', created_by: 'solopod' }],
    });
  });

  it('has every parent directory before what is in it', () => {
    const link: TarEntry = { kind: 'link', path: 'usr/bin/a', target: '/bin/a' };
    const own: TarEntry = { kind: 'directory', path: 'usr', mode: 0o700 };
    assert.deepEqual(withParents([link, own]), [own, { kind: 'directory', path: 'usr/bin', mode: 0o755 }, link]);
  });
});

/** A ctr that keeps image names in a file and takes the archive's text for the name of its image. */
const FAKE_CTR = `#!/bin/sh
store=$(dirname "$0")/store
case "$*" in
  *--help*) echo '--local' ;;
  *"images list"*) cat "$store" ;;
  *"images import --local"*)
    for archive; do :; done
    name=$([ "$archive" = - ] || exec < "$archive"; cat)
    case $name in bad*) echo "ctr: unexpected EOF" >&2; exit 1 ;; esac
    echo "$name" >> "$store"
    echo "unpacking $name (sha256:123)...done" ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac
`;

async function importWorld(t: TestContext): Promise<{ dir: string; target: ImportTarget; folder: ImportFolder }> {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'ctr'), FAKE_CTR, { mode: 0o755 });
  await writeFile(join(dir, 'store'), '');
  const target = { ctr: join(dir, 'ctr'), socket: '/run/x.sock' };
  await mkdir(join(dir, 'images'));
  return { dir, target, folder: { directory: join(dir, 'images'), recordFile: join(dir, 'record.json') } };
}

describe('import of a folder', () => {
  const at = (dir: string, name: string): string => join(dir, 'images', name);

  it('takes plain and compressed archives, leaves other files alone, and goes on after a bad one', async (t) => {
    const { dir, target, folder } = await importWorld(t);
    await writeFile(at(dir, 'a.tar'), 'localhost/a:1');
    await writeFile(at(dir, 'b.tar.gz'), gzipSync('localhost/b:1'));
    await writeFile(at(dir, 'c.tgz'), gzipSync('bad'));
    await mkdir(at(dir, 'd.tar'));
    for (const other of ['readme.txt', '.hidden.tar', 'e.tar.new']) await writeFile(at(dir, other), 'localhost/no:1');
    assert.deepEqual(await importImages(target, folder, SIGNAL), {
      ok: true,
      value: [
        { file: at(dir, 'a.tar'), outcome: 'imported', images: ['localhost/a:1'] },
        { file: at(dir, 'b.tar.gz'), outcome: 'imported', images: ['localhost/b:1'] },
        {
          file: at(dir, 'c.tgz'),
          outcome: 'failed',
          message: `Cannot import ${at(dir, 'c.tgz')}: ctr failed with exit code 1: ctr: unexpected EOF`,
        },
        {
          file: at(dir, 'd.tar'),
          outcome: 'failed',
          message: `Cannot import ${at(dir, 'd.tar')}: it is not a readable file`,
        },
      ],
    });
  });

  it('imports an archive again when it has changed, or when its image is gone', async (t) => {
    const { dir, target, folder } = await importWorld(t);
    const outcome = async () => {
      const result = await importImages(target, folder, SIGNAL);
      return result.ok ? result.value.map((archive) => archive.outcome).join() : result.error;
    };
    await writeFile(at(dir, 'a.tar'), 'localhost/a:1');
    const outcomes = [await outcome(), await outcome()];
    await utimes(at(dir, 'a.tar'), 1, 1);
    outcomes.push(await outcome(), await outcome());
    await writeFile(join(dir, 'store'), '');
    outcomes.push(await outcome());
    await writeFile(folder.recordFile, 'damaged');
    outcomes.push(await outcome());
    assert.deepEqual(outcomes, ['imported', 'present', 'imported', 'present', 'imported', 'imported']);
  });

  it('asks nothing of containerd where there are no archives or no folder', async (t) => {
    const { dir, folder } = await importWorld(t);
    const target = { ctr: '/nonexistent/ctr', socket: '/x' };
    const empty = await importImages(target, folder, SIGNAL);
    await rm(join(dir, 'images'), { recursive: true });
    const none = await importImages(target, folder, SIGNAL);
    assert.deepEqual(
      [empty, none],
      [
        { ok: true, value: [] },
        { ok: true, value: [] },
      ],
    );
  });

  it('says so when containerd cannot be asked', async (t) => {
    const { dir, folder } = await importWorld(t);
    await writeFile(at(dir, 'a.tar'), 'localhost/a:1');
    assert.deepEqual(await importImages({ ctr: '/nonexistent/ctr', socket: '/run/x.sock' }, folder, SIGNAL), {
      ok: false,
      error: 'Cannot list the images of /run/x.sock: ctr could not run (ENOENT)',
    });
  });
});
