// What people install: the same bytes from two builds, a binary that needs no Node beside it, and a Debian package that
// comes and goes cleanly. It is installed for real, over a copy-on-write view of this machine, so that nothing stays.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { run } from '../../src/platform/run.ts';
import { whyNoRuntime } from '../support/containerd.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';
const BINARY = path.join(PROJECT, `dist/solopod-linux-${ARCHITECTURE}`);
const BUILD_TIMEOUT_MS = 240_000;

describe('the package', { skip: whyNoRuntime() }, () => {
  let sums: string;
  before(async () => {
    sums = await build();
  });

  test('has the same bytes when it is built again', async () => {
    assert.equal(await build(), sums);
    assert.equal(await readFile(path.join(PROJECT, 'dist/SHA256SUMS'), 'utf8'), sums);
    assert.match(sums, /^[0-9a-f]{64} {2}solopod-linux-a/m);
  });

  test('holds a program that runs without Node, whatever NODE_OPTIONS says', async () => {
    const env = { PATH: '/nonexistent', NODE_OPTIONS: '--no-such-flag' };
    const version = await run(BINARY, ['version'], { env });
    assert.match(version.ok ? version.value : version.error, /^solopod \d+\.\d+\.\d+/);
    const manifest = path.join(PROJECT, 'manifests');
    const valid = await run(BINARY, ['validate', manifest], { env });
    assert.ok(valid.ok, valid.ok ? '' : valid.error);
  });

  test('lists the packages inside', async () => {
    const bill = JSON.parse(await readFile(path.join(PROJECT, 'dist/solopod.cdx.json'), 'utf8')) as {
      components: { name: string }[];
    };
    const names = bill.components.map(({ name }) => name);
    for (const name of ['@grpc/grpc-js', 'chokidar', 'commander', 'pino', 'yaml'])
      assert.ok(names.includes(name), name);
    assert.ok(!names.includes('esbuild'), 'only what is shipped');
  });

  test('is installed and removed by dpkg, configuration kept until it is purged', async (t) => {
    const sandbox = await mkdtemp(path.join(tmpdir(), 'solopod-dpkg-'));
    t.after(() => rm(sandbox, { recursive: true, force: true }));
    const { version } = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8')) as { version: string };
    const deb = path.join(PROJECT, `dist/solopod_${version}_${ARCHITECTURE}.deb`);
    for (const folder of ['upper', 'work', 'root']) await mkdir(path.join(sandbox, folder));
    const script = path.join(sandbox, 'script');
    await writeFile(script, INSTALL_AND_REMOVE, { mode: 0o755 });
    const told = await run('unshare', ['--mount', '--propagation', 'private', 'sh', script, sandbox, deb], {
      timeoutMs: 120_000,
    });
    assert.ok(told.ok, told.ok ? '' : told.error);
    assert.deepEqual(
      told.value.split('\n').filter((line) => line.startsWith('== ')),
      [
        `== solopod ${version}`,
        '== unit is there',
        '== manual is there',
        '== completions are there',
        '== configuration is valid',
        '== program is gone',
        '== configuration is kept',
        '== configuration is gone',
      ],
    );
  });
});

async function build(): Promise<string> {
  const built = await run(process.execPath, ['src/build/package.ts', ARCHITECTURE], {
    cwd: PROJECT,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  assert.ok(built.ok, built.ok ? '' : built.error);
  return built.value;
}

/** Arguments: a folder to work in, the package. The machine below is only read. */
const INSTALL_AND_REMOVE = `
set -eu
mount -t tmpfs none "$1/upper"
mkdir "$1/upper/upper" "$1/upper/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper/upper,workdir=$1/upper/work" "$1/root"
mount --bind /proc "$1/root/proc"
cp "$2" "$1/root/solopod.deb"
exec chroot "$1/root" sh -eu -c '
  export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
  dpkg --force-depends -i /solopod.deb >/dev/null
  echo "== $(solopod version)"
  [ -f /usr/lib/systemd/system/solopod.service ] && echo "== unit is there"
  [ -f /usr/share/man/man1/solopod.1.gz ] && echo "== manual is there"
  [ -s /usr/share/bash-completion/completions/solopod ] && [ -s /usr/share/zsh/vendor-completions/_solopod ] &&
    [ -s /usr/share/fish/vendor_completions.d/solopod.fish ] && echo "== completions are there"
  solopod config view >/dev/null && echo "== configuration is valid"
  dpkg --remove solopod >/dev/null
  [ ! -e /usr/bin/solopod ] && echo "== program is gone"
  [ -f /etc/solopod/config.yaml ] && echo "== configuration is kept"
  dpkg --purge solopod >/dev/null
  [ ! -e /etc/solopod/config.yaml ] && echo "== configuration is gone"
'
`;
