// Writes the image archive of the example manifests into a folder: `node src/build/exampleImages.ts DIR`.
// The archive is made from the busybox of this machine, so no registry is needed.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUSYBOX_IMAGE, busyboxArchive } from '../platform/localImages.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: node src/build/exampleImages.ts DIR\n');
  process.exit(2);
}
const archive = await busyboxArchive(BUSYBOX_IMAGE);
if (!archive.ok) {
  process.stderr.write(`${archive.error}\n`);
  process.exit(1);
}
await mkdir(directory, { recursive: true });
const target = join(directory, 'busybox.tar');
await writeFile(`${target}.new`, archive.value);
await rename(`${target}.new`, target);
