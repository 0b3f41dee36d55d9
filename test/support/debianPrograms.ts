// Programs of Debian for tests: packages of any suite, unpacked beside the host's, never installed.
// apt reads a source list and keeps its indexes in a folder of ours; the machine's own package state is not touched.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../../src/lib/result.ts';
import { run } from '../../src/platform/run.ts';

export type Suite = 'bookworm' | 'trixie' | 'forky';

const CACHE = '/var/cache/solopod-test';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT_TIMEOUT_MS = 180_000;

/** The folder with the programs of a package; fetched once and kept. @returns why not: no Debian, no network */
export async function fetchProgram(suite: Suite, name: string): Promise<Result<string, string>> {
  const target = join(CACHE, `${name}-${suite}`);
  const binDir = join(target, 'usr', 'bin');
  if (await exists(join(binDir, name))) return ok(binDir);
  if (!(await exists(KEYRING))) return err(`${KEYRING} is not there: this is not Debian`);
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'fetch-'));
  try {
    const unpacked = await fetchPackage(suite, { name, work });
    if (!unpacked.ok) return unpacked;
    await rm(target, { recursive: true, force: true });
    await rename(unpacked.value, target);
    return ok(binDir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchPackage(
  suite: Suite,
  { name, work }: { readonly name: string; readonly work: string },
): Promise<Result<string, string>> {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'root']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  const source = `deb [signed-by=${KEYRING}] ${await mirror()} ${suite} main\n`;
  await writeFile(join(work, 'sources.list'), source);
  const settings = [
    `Dir::Etc::sourcelist=${work}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting]);
  const steps = [
    ['apt-get', [...settings, '-qq', 'update']],
    ['apt-get', [...settings, '-qq', 'download', name]],
  ] as const;
  for (const [program, args] of steps) {
    const done = await run(program, args, { cwd: work, timeoutMs: APT_TIMEOUT_MS });
    if (!done.ok) return err(`Cannot fetch ${name} of Debian ${suite}: ${done.error}`);
  }
  const archive = (await readdir(work)).find((entry) => entry.endsWith('.deb'));
  if (archive === undefined) return err(`apt fetched no package for Debian ${suite}`);
  const unpacked = await run('dpkg', ['-x', join(work, archive), join(work, 'root')], { timeoutMs: APT_TIMEOUT_MS });
  return unpacked.ok ? ok(join(work, 'root')) : unpacked;
}

/** The mirror that this machine already uses. */
async function mirror(): Promise<string> {
  const files = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return 'http://deb.debian.org/debian';
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
