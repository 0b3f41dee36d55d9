// The Debian package: the executable, its unit, configuration with every setting as a comment, completions and manual.
// Written with dpkg-deb; nothing in it depends on when or where it is made.
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { completionOf } from '../../cli/completion/completionOf.ts';
import { processIo } from '../../cli/io.ts';
import { createProgram } from '../../cli/main.ts';
import { run } from '../../platform/run.ts';
import { PROJECT_ROOT } from '../bundle.ts';
import { defaultConfig } from './defaultConfig.ts';
import { manPage } from './manPage.ts';
import type { Architecture } from './nodeBinary.ts';

/** The time that every file of the package carries: 2026-01-01. */
const EPOCH_SECONDS = '1767225600';
const TIMEOUT_MS = 300_000;

/** What the Node inside links, and what `--runtime embedded` takes from the machine. */
const CONTROL = `Package: solopod
Version: @VERSION@
Architecture: @ARCHITECTURE@
Maintainer: solopod developers <solopod@localhost>
Section: admin
Priority: optional
Depends: libc6 (>= 2.28), libstdc++6, libatomic1
Recommends: containerd, runc, containernetworking-plugins, iptables, iproute2, mount, catatonit
Description: runs Kubernetes static pods on one machine
 Watches a directory of pod manifests and keeps the pods running through a
 container runtime, without a cluster and without an API server.
`;

const MAINTAINER_SCRIPTS: { readonly [name: string]: string } = {
  postinst: `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  if [ -n "$2" ]; then
    # An upgrade: pods go on running, the new program takes them over.
    systemctl try-restart solopod.service
  else
    echo "Put manifests into /etc/solopod/manifests, then: systemctl enable --now solopod"
  fi
fi
`,
  prerm: `#!/bin/sh
set -e
if [ "$1" = remove ]; then
  if [ -d /run/systemd/system ]; then systemctl --no-reload disable --now solopod.service || true; fi
  # Without the program nobody could stop them any more.
  if [ -d /var/lib/solopod ]; then solopod stop --all || true; fi
fi
`,
  postrm: `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
if [ "$1" = purge ]; then rm -rf /var/lib/solopod; fi
`,
};

export interface DebianPackageOptions {
  readonly binary: string;
  readonly architecture: Architecture;
  readonly version: string;
  /** Where the package goes. */
  readonly folder: string;
}

/** @returns the package's path. @throws when dpkg-deb is missing or fails */
export async function debianPackage({ binary, architecture, version, folder }: DebianPackageOptions): Promise<string> {
  const tree = await mkdtemp(path.join(tmpdir(), 'solopod-deb-'));
  try {
    await chmod(tree, 0o755);
    for (const [name, content] of await files(version)) await put(path.join(tree, name), content, 0o644);
    await mkdir(path.join(tree, 'etc/solopod/manifests'), { recursive: true });
    await mkdir(path.join(tree, 'usr/bin'), { recursive: true });
    await copyFile(binary, path.join(tree, 'usr/bin/solopod'));
    await chmod(path.join(tree, 'usr/bin/solopod'), 0o755);
    const control = CONTROL.replace('@VERSION@', version).replace('@ARCHITECTURE@', architecture);
    await put(path.join(tree, 'DEBIAN/control'), control, 0o644);
    await put(path.join(tree, 'DEBIAN/conffiles'), '/etc/solopod/config.yaml\n', 0o644);
    for (const [name, script] of Object.entries(MAINTAINER_SCRIPTS)) {
      await put(path.join(tree, 'DEBIAN', name), script, 0o755);
    }
    const target = path.join(folder, `solopod_${version}_${architecture}.deb`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: EPOCH_SECONDS };
    const args = ['--root-owner-group', '-Zxz', '-z1', '--threads-max=1', '--build', tree, target];
    const built = await run('dpkg-deb', args, { timeoutMs: TIMEOUT_MS, env });
    if (!built.ok) throw new Error(`Cannot build ${target}: ${built.error}`);
    return target;
  } finally {
    await rm(tree, { recursive: true });
  }
}

async function files(version: string): Promise<ReadonlyMap<string, string | Buffer>> {
  const project = (name: string): Promise<Buffer> => readFile(path.join(PROJECT_ROOT, name));
  const program = createProgram(processIo(), { exitCode: 0 });
  const manual = manPage(program, { version });
  return new Map<string, string | Buffer>([
    ['usr/lib/systemd/system/solopod.service', await project('bin/solopod.service')],
    ['etc/solopod/config.yaml', defaultConfig()],
    ['usr/share/bash-completion/completions/solopod', completionOf(program, 'bash')],
    ['usr/share/zsh/vendor-completions/_solopod', completionOf(program, 'zsh')],
    ['usr/share/fish/vendor_completions.d/solopod.fish', completionOf(program, 'fish')],
    ['usr/share/man/man1/solopod.1.gz', gzipSync(manual, { level: 9 })],
    ['usr/share/doc/solopod/README.md', await project('README.md')],
    ['usr/share/doc/solopod/changelog', await project('CHANGELOG.md')],
    ['usr/share/doc/solopod/copyright', await project('LICENSE')],
  ]);
}

async function put(file: string, content: string | Buffer, mode: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
  await writeFile(file, content, { mode });
  await chmod(file, mode);
}
