// The Node that an executable is made of: the plain binary of the npm registry, of the same version for every
// architecture, without its symbols. npm checks what it downloads against the registry's hash.
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../platform/run.ts';
import { PROJECT_ROOT } from '../bundle.ts';

/** As Debian names them. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

const NPM_NAMES: { readonly [architecture in Architecture]: string } = { amd64: 'x64', arm64: 'arm64' };
/** Where binutils for another architecture than the machine's is not installed, symbols stay: only size is lost. */
const STRIP: { readonly [architecture in Architecture]: string } = {
  amd64: 'x86_64-linux-gnu-strip',
  arm64: 'aarch64-linux-gnu-strip',
};
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** True when this very machine can run it. */
export function isNative(architecture: Architecture): boolean {
  return NPM_NAMES[architecture] === process.arch;
}

/** Puts the binary at `target`. @throws when it cannot be had */
export async function nodeBinary(architecture: Architecture, target: string): Promise<void> {
  await copyFile(await find(architecture), target);
  await run(STRIP[architecture], [target]);
}

async function find(architecture: Architecture): Promise<string> {
  const name = `node-linux-${NPM_NAMES[architecture]}`;
  const installed = path.join(PROJECT_ROOT, 'node_modules', name, 'bin/node');
  if (await exists(installed)) return installed;
  const version = process.versions.node;
  const folder = path.join(tmpdir(), `solopod-build-${name}-${version}`);
  const unpacked = path.join(folder, 'package/bin/node');
  if (await exists(unpacked)) return unpacked;
  await mkdir(folder, { recursive: true });
  await orThrow(
    'npm',
    ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`],
    `Cannot download ${name}`,
  );
  const archive = path.join(folder, `${name}-${version}.tgz`);
  await readFile(archive);
  await orThrow('tar', ['-xzf', archive, '-C', folder, 'package/bin/node'], `Cannot unpack ${archive}`);
  return unpacked;
}

async function orThrow(program: string, args: readonly string[], what: string): Promise<void> {
  const done = await run(program, args, { timeoutMs: DOWNLOAD_TIMEOUT_MS });
  if (!done.ok) throw new Error(`${what}: ${done.error}`);
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
