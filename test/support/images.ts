// Images of a test's own: busybox, accounts, a program that keeps the rights of its owner, one that speaks UDP, and the
// user that an image asks for.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withParents } from '../../src/platform/localImages.ts';
import { encodeImageArchive } from '../../src/platform/ociArchive.ts';
import { run } from '../../src/platform/run.ts';
import type { TarEntry } from '../../src/platform/tar.ts';

/** Perl: answers every datagram with the host name. */
export function udpServer(port: number): string {
  const bind = `socket(S, 2, 2, 17) or die; bind(S, pack("SnC4x8", 2, ${port}, 0, 0, 0, 0)) or die;`;
  return `perl -e '${bind} $h = \`hostname\`; while ($p = recv(S, $m, 99, 0)) { send(S, $h, 0, $p) }'`;
}

/** Perl: asks until there is an answer, and prints it. */
export function udpClient(address: string, port: number): string {
  const to = `pack("SnC4x8", 2, ${port}, ${address.split('.').join(', ')})`;
  const wait = 'vec($r = "", fileno(S), 1) = 1; select($r, undef, undef, 1)';
  return `perl -e 'socket(S, 2, 2, 17) or die; do { send(S, "ask", 0, ${to}) } until ${wait}; recv(S, $m, 99, 0); print $m'`;
}

export interface TestImage {
  /** "localhost/x:1". */
  readonly name: string;
  readonly user?: string;
}

/** Prints a file as the owner of the program: `/bin/as-owner /proc/self/status` tells who that is. */
const SETUID_PROGRAM = '/usr/bin/cat';
/** Speaks UDP, which busybox does not. */
const PERL = '/usr/bin/perl';
const ACCOUNTS = 'root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n';
const GROUPS = 'root:x:0:\nuser:x:1000:\nimagegroup:x:50000:user\n';

/** Writes one archive for each image into a folder. */
export async function writeImages(directory: string, images: readonly TestImage[]): Promise<void> {
  const files = withParents([
    program('bin/busybox', await readFile('/bin/busybox')),
    ...['sh', 'id', 'sleep', 'grep', 'cat', 'hostname'].map((name) => link(`bin/${name}`, '/bin/busybox')),
    { ...program('bin/as-owner', await readFile(SETUID_PROGRAM)), mode: 0o4755 },
    program('bin/perl', await readFile(PERL)),
    ...(await libraries(SETUID_PROGRAM)),
    ...(await libraries(PERL)),
    text('etc/passwd', ACCOUNTS),
    text('etc/group', GROUPS),
  ]);
  for (const [index, { name, user }] of images.entries()) {
    const architecture = { x64: 'amd64' }[process.arch as string] ?? process.arch;
    const archive = encodeImageArchive({
      name,
      architecture,
      files,
      command: ['sh'],
      env: ['PATH=/bin'],
      ...(user === undefined ? {} : { user }),
    });
    await writeFile(join(directory, `test-${index}.tar`), archive);
  }
}

async function libraries(path: string): Promise<readonly TarEntry[]> {
  const listed = await run('ldd', [path]);
  if (!listed.ok) return [];
  const paths = [...listed.value.matchAll(/(?:=>\s+|^\s*)(\/\S+)/gm)].flatMap((match) => match[1] ?? []);
  return Promise.all(paths.map(async (library) => program(library.slice(1), await readFile(library))));
}

function program(path: string, content: Buffer) {
  return { kind: 'file', path, mode: 0o755, content } as const;
}

function text(path: string, content: string): TarEntry {
  return { kind: 'file', path, mode: 0o644, content: Buffer.from(content) };
}

function link(path: string, target: string): TarEntry {
  return { kind: 'link', path, target };
}
