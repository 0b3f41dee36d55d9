import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findTools, missingMessage, parseContainerdVersion } from '../../../../src/platform/embedded/find.ts';
import { hasCapability } from '../../../../src/platform/embedded/host.ts';
import { tempDir } from '../../../support/tempDir.ts';

describe('containerd version', () => {
  const outputs = [
    { output: 'containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3', expected: '1.6.20' },
    { output: 'containerd github.com/containerd/containerd/v2 2.1.9+unknown ', expected: '2.1.9' },
    {
      output: 'containerd github.com/containerd/containerd v1.7.27 05044ec0a9a75232cad458027ca83437aae3f4da',
      expected: '1.7.27',
    },
    { output: 'containerd containerd.io 1.7.25 bcc810d6b9066471b0b6fa75f557a15a1cbf31bb', expected: '1.7.25' },
    { output: 'containerd github.com/containerd/containerd/v2 v2.2.0-beta.1 abc', expected: '2.2.0' },
    { output: 'no version at all', expected: undefined },
  ];
  for (const { output, expected } of outputs) {
    it(`is ${expected} in "${output}"`, () => assert.equal(parseContainerdVersion(output)?.text, expected));
  }
});

describe('what is missing', () => {
  it('is named with the packages that hold it', () => {
    const [things, debian] = missingMessage(['ctr', 'iptables'], ['/usr/lib/cni', '/opt/cni/bin']).split('\n');
    assert.equal(
      things,
      'The embedded runtime is missing: ctr, iptables, the CNI plugins bridge, host-local, loopback, portmap (not all in /usr/lib/cni or /opt/cni/bin).',
    );
    assert.equal(
      debian?.trim(),
      'Debian, Ubuntu: apt-get install --no-install-recommends containerd iptables containernetworking-plugins.',
    );
  });
});

describe('tools', () => {
  const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'ip', 'iptables', 'iptables-save'];
  const plugins = ['bridge', 'host-local', 'loopback', 'portmap'];

  async function fakeTools(dir: string, version: string): Promise<{ binDir: string; cniBinDir: string }> {
    const [binDir, cniBinDir] = [join(dir, 'bin'), join(dir, 'cni')];
    for (const folder of [binDir, cniBinDir]) await mkdir(folder);
    const script = `#!/bin/sh\necho containerd github.com/containerd/containerd ${version}\n`;
    for (const name of [...programs, 'mount', 'umount']) await writeFile(join(binDir, name), script, { mode: 0o755 });
    for (const name of plugins) await writeFile(join(cniBinDir, name), script, { mode: 0o755 });
    return { binDir, cniBinDir };
  }

  it('of a given folder come before those of the host', async (t) => {
    const folders = await fakeTools(await tempDir(t), '2.0.3');
    const found = await findTools({ ...folders, searchPath: '/nonexistent:relative' });
    assert.deepEqual(found.ok && { ...found.value, searchPath: found.value.searchPath.split(':').slice(0, 3) }, {
      containerd: join(folders.binDir, 'containerd'),
      version: { major: 2, minor: 0, text: '2.0.3' },
      ctr: join(folders.binDir, 'ctr'),
      runc: join(folders.binDir, 'runc'),
      ip: join(folders.binDir, 'ip'),
      iptables: join(folders.binDir, 'iptables'),
      iptablesSave: join(folders.binDir, 'iptables-save'),
      mount: join(folders.binDir, 'mount'),
      umount: join(folders.binDir, 'umount'),
      cniBinDir: folders.cniBinDir,
      searchPath: [folders.binDir, '/nonexistent', '/usr/local/sbin'],
    });
  });

  it('with a containerd older than 1.6 are refused', async (t) => {
    const folders = await fakeTools(await tempDir(t), '1.4.13');
    assert.deepEqual(await findTools({ ...folders, searchPath: '' }), {
      ok: false,
      error: `${folders.binDir}/containerd is 1.4.13; the embedded runtime needs 1.6 or later`,
    });
  });
});

describe('capability', () => {
  const status = (mask: string) => `Name:\tx\nCapEff:\t${mask}\nCapBnd:\t000001ffffffffff\n`;
  const masks = [
    { mask: '000001ffffffffff', expected: true },
    { mask: '000001fffeffffff', expected: false },
    { mask: '0000000001000000', expected: true },
    { mask: '0000000000000000', expected: false },
  ];
  for (const { mask, expected } of masks) {
    it(`24 is ${expected ? 'set' : 'clear'} in ${mask}`, () =>
      assert.equal(hasCapability(status(mask), 24n), expected));
  }
});
