// Makes the two images that a machine without a registry needs, from programs that it already has: a pause image from
// catatonit and a small userland from busybox. Nothing is downloaded.
import { readFile } from 'node:fs/promises';
import { err, ok, type Result } from '../lib/result.ts';
import { encodeImageArchive } from './ociArchive.ts';
import { run } from './run.ts';
import type { TarEntry } from './tar.ts';

/** Image of every sandbox unless the configuration names another. */
export const PAUSE_IMAGE = 'localhost/solopod-pause:1';
/** Image of the example manifests. */
export const BUSYBOX_IMAGE = 'localhost/busybox:1';

const CATATONIT_PLACES = [
  '/usr/bin/catatonit',
  '/usr/libexec/podman/catatonit',
  '/usr/libexec/catatonit/catatonit',
  '/usr/local/bin/catatonit',
];
const BUSYBOX_PLACES = ['/bin/busybox', '/usr/bin/busybox', '/sbin/busybox', '/usr/local/bin/busybox'];
const PATH_ENV = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** An archive with one image of the given name that waits for ever and reaps orphans: what a sandbox needs. */
export async function pauseArchive(name: string): Promise<Result<Buffer, string>> {
  const program = await firstReadable(CATATONIT_PLACES);
  if (program === undefined) {
    return err(`Cannot make the sandbox image ${name}: catatonit is not installed (apt-get install catatonit)`);
  }
  const libraries = await sharedLibraries(program.path);
  if (!libraries.ok) return libraries;
  const files = withParents([executable('pause', program.content), ...libraries.value]);
  return ok(encodeImageArchive({ ...here(), name, files, entrypoint: ['/pause', '-P'], env: [PATH_ENV] }));
}

/**
 * An archive with one image of the given name: busybox with a link for every applet, all in /bin, and /tmp. No account
 * files: users are numbers, as in the smallest images that people run.
 */
export async function busyboxArchive(name: string): Promise<Result<Buffer, string>> {
  const program = await firstReadable(BUSYBOX_PLACES);
  if (program === undefined) {
    return err(`Cannot make the image ${name}: busybox is not installed (apt-get install busybox-static)`);
  }
  const libraries = await sharedLibraries(program.path);
  if (!libraries.ok) return libraries;
  const applets = await run(program.path, ['--list-full']);
  if (!applets.ok) return err(`Cannot make the image ${name}: ${applets.error}`);
  const files = withParents([
    executable('bin/busybox', program.content),
    ...appletLinks(applets.value),
    ...libraries.value,
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    { kind: 'directory', path: 'var', mode: 0o755 },
    { kind: 'directory', path: 'var/tmp', mode: 0o1777 },
  ]);
  return ok(encodeImageArchive({ ...here(), name, files, command: ['sh'], env: ['PATH=/bin'] }));
}

/** A link in /bin for each line of `busybox --list-full`. */
function appletLinks(listing: string): readonly TarEntry[] {
  const names = new Set(listing.split('\n').map((line) => line.trim().replace(/^.*\//, '')));
  for (const skipped of ['', 'busybox', 'linuxrc']) names.delete(skipped);
  return [...names].map((name) => ({ kind: 'link', path: `bin/${name}`, target: '/bin/busybox' }));
}

/** Entries sorted by path, every missing parent directory added. */
export function withParents(entries: readonly TarEntry[]): readonly TarEntry[] {
  const byPath = new Map<string, TarEntry>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const path = parts.slice(0, depth).join('/');
      if (!byPath.has(path)) byPath.set(path, { kind: 'directory', path, mode: 0o755 });
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The libraries and the loader that a dynamic program needs, at the places where it looks for them; none for a static one. */
async function sharedLibraries(program: string): Promise<Result<readonly TarEntry[], string>> {
  const listed = await run('ldd', [program]);
  if (!listed.ok) return ok([]); // ldd's way to say "static"; an image of a broken program fails at its first start
  const paths = [...listed.value.matchAll(/(?:=>\s+|^\s*)(\/\S+)/gm)].flatMap((match) => match[1] ?? []);
  const entries: TarEntry[] = [];
  for (const path of new Set(paths)) {
    const content = await readFile(path).catch(() => undefined);
    if (content === undefined) return err(`Cannot read ${path}, which ${program} needs`);
    entries.push(executable(path.slice(1), content));
  }
  return ok(entries);
}

async function firstReadable(
  places: readonly string[],
): Promise<{ readonly path: string; readonly content: Buffer } | undefined> {
  for (const path of places) {
    const content = await readFile(path).catch(() => undefined);
    if (content !== undefined) return { path, content };
  }
  return undefined;
}

function executable(path: string, content: Buffer): TarEntry {
  return { kind: 'file', path, mode: 0o755, content };
}

/** Node's name of the architecture in the spelling of OCI (that of Go). */
function here(): { readonly architecture: string } {
  const names: { readonly [arch: string]: string } = { x64: 'amd64', ia32: '386' };
  return { architecture: names[process.arch] ?? process.arch };
}
