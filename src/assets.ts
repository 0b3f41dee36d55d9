// The only file that knows where the program's own files are: a source tree, a bundle in dist/, or a single
// executable into which the build has written what is needed.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Replaced by the build; absent when the sources run as they are. */
declare const SOLOPOD_VERSION: string | undefined;

const PACKAGE_NAME = 'solopod';
/** src/ and dist/ lie one level below the package; a bundle may nest its chunks once more. */
const LEVELS_MAX = 3;

/** The version of this program, as in package.json. */
export function version(): string {
  if (typeof SOLOPOD_VERSION === 'string') return SOLOPOD_VERSION;
  return packageDirectory()?.version ?? 'unknown';
}

/**
 * Absolute path of a file that belongs to the package, such as "schemas/config.schema.json".
 * @returns undefined in a single executable, which carries no files.
 */
export function assetPath(relative: string): string | undefined {
  const found = packageDirectory();
  return found === undefined ? undefined : join(found.directory, relative);
}

function packageDirectory(): { readonly directory: string; readonly version: string } | undefined {
  if (import.meta.url === undefined) return undefined;
  let directory = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS_MAX; level++) {
    const manifest = readManifest(join(directory, 'package.json'));
    if (manifest?.name === PACKAGE_NAME) return { directory, version: manifest.version };
    directory = dirname(directory);
  }
  return undefined;
}

function readManifest(path: string): { readonly name: unknown; readonly version: string } | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
    return { name, version: String(version) };
  } catch {
    return undefined;
  }
}
