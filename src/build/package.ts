// Makes what people install, in dist/: one executable for each architecture, a Debian package with unit, configuration,
// completions and man page, a bill of materials, and checksums. Two runs on one source give the same bytes.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundle, PROJECT_ROOT, projectVersion } from './bundle.ts';
import { generate } from './generate.ts';
import { billOfMaterials } from './package/billOfMaterials.ts';
import { debianPackage } from './package/debianPackage.ts';
import { ARCHITECTURES, type Architecture } from './package/nodeBinary.ts';
import { singleBinary } from './package/singleBinary.ts';

const DIST = path.join(PROJECT_ROOT, 'dist');

const only = process.argv.slice(2);
const unknown = only.filter((name) => !ARCHITECTURES.includes(name as Architecture));
if (unknown.length > 0) {
  process.stderr.write(`usage: node src/build/package.ts [${ARCHITECTURES.join('|')}]…\n`);
  process.exit(2);
}

await generate(PROJECT_ROOT);
await mkdir(DIST, { recursive: true });
await bundle('dist/solopod.min.cjs', { minify: true });
const made: string[] = [];
for (const architecture of only.length === 0 ? ARCHITECTURES : (only as Architecture[])) {
  const binary = path.join(DIST, `solopod-linux-${architecture}`);
  await singleBinary({ program: path.join(DIST, 'solopod.min.cjs'), architecture, output: binary });
  made.push(binary, await debianPackage({ binary, architecture, version: projectVersion(), folder: DIST }));
}
const bill = path.join(DIST, 'solopod.cdx.json');
await writeFile(bill, await billOfMaterials(PROJECT_ROOT));
await rm(path.join(DIST, 'solopod.min.cjs'));
made.push(bill);
const sums = await Promise.all(made.map(checksum));
await writeFile(path.join(DIST, 'SHA256SUMS'), sums.join(''));
process.stdout.write(sums.join(''));

/** One line as sha256sum(1) writes and checks it. */
async function checksum(file: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return `${digest}  ${path.basename(file)}\n`;
}
