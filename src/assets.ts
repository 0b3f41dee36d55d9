// What the program knows of its own package, in a source tree and in a bundle alike: both carry it inside, so there
// are no files to find at run time.
import manifest from '../package.json' with { type: 'json' };

/** The version of this program. */
export function version(): string {
  return manifest.version;
}
