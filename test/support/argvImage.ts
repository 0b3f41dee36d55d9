// An image with an entrypoint and default words, whose two programs print the words that they got. Of busybox and shell.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withParents } from '../../src/platform/localImages.ts';
import { encodeImageArchive } from '../../src/platform/ociArchive.ts';
import type { TarEntry } from '../../src/platform/tar.ts';

const SCRIPT = '#!/bin/busybox sh\n[ "$*" = pause ] && echo Paused || echo "[$0 $*]"\n';

/** Writes the archive to where a runner of this root directory looks for images. */
export async function writeArgvArchive(rootDir: string, name: string): Promise<void> {
  const program = (file: string, content: Buffer): TarEntry => ({ kind: 'file', path: file, mode: 0o755, content });
  const files = withParents([
    program('bin/busybox', await readFile('/bin/busybox')),
    program('agnhost', Buffer.from(SCRIPT)),
    program('agnhost-2', Buffer.from(SCRIPT)),
  ]);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const archive = encodeImageArchive({
    name,
    architecture,
    files,
    entrypoint: ['/agnhost'],
    command: ['pause'],
    env: ['PATH=/bin'],
  });
  await mkdir(path.join(rootDir, 'images'), { recursive: true });
  await writeFile(path.join(rootDir, 'images', 'argv.tar'), archive);
}
