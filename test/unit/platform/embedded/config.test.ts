import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ContainerdConfigFacts, containerdConfig } from '../../../../src/platform/embedded/config.ts';
import { embeddedPaths } from '../../../../src/platform/embedded/paths.ts';
import { encodeToml } from '../../../../src/platform/embedded/toml.ts';

function facts(overrides: Partial<ContainerdConfigFacts>): ContainerdConfigFacts {
  return {
    paths: embeddedPaths('/r'),
    version: { major: 1, minor: 6, text: '1.6.20' },
    runc: '/usr/sbin/runc',
    cniBinDir: '/usr/lib/cni',
    sandboxImage: 'localhost/pause:1',
    snapshotter: 'overlayfs',
    mayLowerOomScore: true,
    ...overrides,
  };
}

/** The tables of a configuration and the lines in each. */
function tables(config: string): { readonly [header: string]: readonly string[] } {
  const [top = '', ...rest] = config.split('\n\n');
  const entries = rest.map((block) => block.trim().split('\n'));
  return Object.fromEntries([['', top.split('\n').slice(1)], ...entries.map(([head = '', ...lines]) => [head, lines])]);
}

describe('containerd configuration', () => {
  it('has one CRI plugin in the version 2 layout of containerd 1.6', () => {
    const { '': top, ...plugins } = tables(containerdConfig(facts({})));
    assert.deepEqual(
      top?.filter((line) => !line.startsWith('disabled_plugins')),
      [
        'version = 2',
        'root = "/r/containerd/root"',
        'state = "/r/containerd/state"',
        'oom_score = -999',
        'required_plugins = ["io.containerd.grpc.v1.cri"]',
      ],
    );
    assert.deepEqual(plugins, {
      '[grpc]': ['address = "/r/containerd/containerd.sock"'],
      '[plugins."io.containerd.grpc.v1.cri"]': [
        'stream_server_address = "127.0.0.1"',
        'stream_server_port = "0"',
        'restrict_oom_score_adj = false',
        'netns_mounts_under_state_dir = true',
        'enable_unprivileged_ports = false',
        'enable_unprivileged_icmp = false',
        'sandbox_image = "localhost/pause:1"',
      ],
      '[plugins."io.containerd.grpc.v1.cri".cni]': [
        'conf_dir = "/r/cni/net.d"',
        'max_conf_num = 1',
        'bin_dir = "/usr/lib/cni"',
      ],
      '[plugins."io.containerd.grpc.v1.cri".containerd]': [
        'snapshotter = "overlayfs"',
        'default_runtime_name = "runc"',
      ],
      '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]': ['runtime_type = "io.containerd.runc.v2"'],
      '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]': [
        'BinaryName = "/usr/sbin/runc"',
        'Root = "/r/containerd/state/runc"',
        'SystemdCgroup = false',
      ],
      '[plugins."io.containerd.grpc.v1.cri".registry]': ['config_path = "/r/certs.d:/etc/containerd/certs.d"'],
    });
  });

  it('splits CRI in three plugins in the version 3 layout of containerd 2.x', () => {
    const config = tables(containerdConfig(facts({ version: { major: 2, minor: 1, text: '2.1.9' } })));
    assert.equal(config['']?.[0], 'version = 3');
    assert.deepEqual(Object.keys(config), [
      '',
      '[grpc]',
      '[plugins."io.containerd.cri.v1.images"]',
      '[plugins."io.containerd.cri.v1.images".pinned_images]',
      '[plugins."io.containerd.cri.v1.images".registry]',
      '[plugins."io.containerd.cri.v1.runtime"]',
      '[plugins."io.containerd.cri.v1.runtime".cni]',
      '[plugins."io.containerd.cri.v1.runtime".containerd]',
      '[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]',
      '[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]',
      '[plugins."io.containerd.grpc.v1.cri"]',
      '[plugins."io.containerd.nri.v1.nri"]',
    ]);
    const image = config['[plugins."io.containerd.cri.v1.images".pinned_images]'];
    assert.deepEqual(image, ['sandbox = "localhost/pause:1"']);
  });

  const binDirs = [
    { version: '1.7.24', line: 'bin_dir = "/usr/lib/cni"' },
    { version: '2.0.2', line: 'bin_dir = "/usr/lib/cni"' },
    { version: '2.1.9', line: 'bin_dirs = ["/usr/lib/cni"]' },
    { version: '2.3.0', line: 'bin_dirs = ["/usr/lib/cni"]' },
  ];
  for (const { version, line } of binDirs) {
    it(`spells the folder of the CNI plugins as containerd ${version} reads it`, () => {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const config = containerdConfig(facts({ version: { major, minor, text: version } }));
      assert.deepEqual(
        config.split('\n').filter((text) => text.startsWith('bin_dir')),
        [line],
      );
    });
  }

  const nri = [
    { major: 1, minor: 6, isNamed: false },
    { major: 1, minor: 7, isNamed: true },
    { major: 2, minor: 0, isNamed: true },
  ];
  for (const { major, minor, isNamed } of nri) {
    it(`${isNamed ? 'switches' : 'has no need to switch'} NRI off in ${major}.${minor}`, () => {
      const config = containerdConfig(facts({ version: { major, minor, text: '' } }));
      assert.equal(config.includes('[plugins."io.containerd.nri.v1.nri"]\ndisable = true'), isNamed);
    });
  }

  it('never lowers OOM scores without the capability', () => {
    const config = containerdConfig(facts({ mayLowerOomScore: false }));
    const lines = config.split('\n').filter((line) => line.includes('oom'));
    assert.deepEqual(lines, ['oom_score = 0', 'restrict_oom_score_adj = true']);
  });
});

describe('TOML', () => {
  it('puts scalars before tables and quotes what needs it', () => {
    const text = encodeToml({ a: { 'x.y': { n: 1 }, s: 'say "hi"\\' }, list: ['a', 'b'], yes: true });
    assert.equal(text, 'list = ["a", "b"]\nyes = true\n\n[a]\ns = "say \\"hi\\"\\\\"\n\n[a."x.y"]\nn = 1\n');
  });
});

describe('paths', () => {
  it('keep the socket below the root directory while its path fits', () => {
    assert.equal(embeddedPaths('/var/lib/solopod').socket, '/var/lib/solopod/containerd/containerd.sock');
  });

  it('move the socket to /run where the root directory is too long for it', () => {
    assert.match(embeddedPaths(`/${'x'.repeat(80)}`).socket, /^\/run\/solopod-[0-9a-f]{8}\/containerd\.sock$/);
  });
});
