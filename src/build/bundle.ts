// Bundles the program into one CommonJS file that needs nothing but Node: what a single executable can hold.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

export const PROJECT_ROOT = path.resolve(import.meta.dirname, '../..');

export function projectVersion(): string {
  const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** @param outfile relative to the project's root */
export async function bundle(outfile: string, { minify }: { readonly minify: boolean }): Promise<void> {
  await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: ['src/cli/entry.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minifyWhitespace: minify,
    minifySyntax: minify,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
