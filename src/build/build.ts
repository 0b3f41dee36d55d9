// Builds solopod: makes the generated sources, then bundles everything into dist/solopod.cjs, one file that needs
// nothing but Node.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { generate } from './generate.ts';

const projectRoot = path.resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as { version: string };

await generate(projectRoot);
await build({
  absWorkingDir: projectRoot,
  entryPoints: ['src/cli/entry.ts'],
  outfile: 'dist/solopod.cjs',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  define: { SOLOPOD_VERSION: JSON.stringify(version) },
  legalComments: 'none',
  logLevel: 'warning',
});
