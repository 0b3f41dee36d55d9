// The configuration of the embedded containerd. Pure: facts about the host come in, TOML comes out.
// 1.x reads the version 2 layout (one CRI plugin), 2.x the version 3 layout (CRI split in images, runtime and server).
// Reference: containerd docs/cri/config.md and the output of `containerd config default` of 1.6, 1.7 and 2.1.
import type { ContainerdVersion } from './find.ts';
import type { EmbeddedPaths } from './paths.ts';
import { encodeToml, type TomlTable } from './toml.ts';

export interface ContainerdConfigFacts {
  readonly paths: EmbeddedPaths;
  readonly version: ContainerdVersion;
  readonly runc: string;
  readonly cniBinDir: string;
  readonly sandboxImage: string;
  readonly snapshotter: 'overlayfs' | 'native';
  /** False where the process lacks CAP_SYS_RESOURCE: then OOM scores can only be raised. */
  readonly mayLowerOomScore: boolean;
}

/** As the unit files of distributions set it: the daemon and its shims go last when memory runs out. */
const DAEMON_OOM_SCORE = -999;

/**
 * Nothing here uses them: they cost start-up time, complain of missing file systems or make folders outside of ours.
 * Only plugins that no other plugin asks for may stand here.
 */
const UNUSED_PLUGINS = [
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.restart',
  'io.containerd.monitor.container.v1.restart',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
];

const CRI_SERVER = 'io.containerd.grpc.v1.cri';
/** Its socket is one fixed path for the whole host, which may be another containerd's. */
const NRI_OFF: TomlTable = { 'io.containerd.nri.v1.nri': { disable: true } };
const STREAM_SERVER = { stream_server_address: '127.0.0.1', stream_server_port: '0' };

/** The whole configuration file. */
export function containerdConfig(facts: ContainerdConfigFacts): string {
  const { paths, version } = facts;
  const common: TomlTable = {
    root: paths.root,
    state: paths.state,
    oom_score: facts.mayLowerOomScore ? DAEMON_OOM_SCORE : 0,
    // Without CRI this process is of no use: better that it says so and ends than that every call is refused.
    required_plugins: [CRI_SERVER],
    disabled_plugins: UNUSED_PLUGINS,
    grpc: { address: paths.socket },
  };
  const layout = version.major === 1 ? versionTwo(facts) : versionThree(facts);
  return `# Written by solopod at every start: changes here are lost.\n${encodeToml({ ...layout.head, ...common, ...layout.plugins })}`;
}

interface Layout {
  readonly head: TomlTable;
  readonly plugins: TomlTable;
}

function versionTwo(facts: ContainerdConfigFacts): Layout {
  const { version } = facts;
  const cri = {
    ...STREAM_SERVER,
    ...runtimeOptions(facts),
    sandbox_image: facts.sandboxImage,
    cni: { ...cniOptions(facts), bin_dir: facts.cniBinDir },
    containerd: { snapshotter: facts.snapshotter, ...runcRuntime(facts) },
    registry: registry(facts),
  };
  return { head: { version: 2 }, plugins: { plugins: { [CRI_SERVER]: cri, ...(version.minor >= 7 ? NRI_OFF : {}) } } };
}

function versionThree(facts: ContainerdConfigFacts): Layout {
  // bin_dirs came with 2.1, which refuses a file that has both.
  const binDir = facts.version.minor === 0 ? { bin_dir: facts.cniBinDir } : { bin_dirs: [facts.cniBinDir] };
  const plugins = {
    'io.containerd.cri.v1.images': {
      snapshotter: facts.snapshotter,
      pinned_images: { sandbox: facts.sandboxImage },
      registry: registry(facts),
    },
    'io.containerd.cri.v1.runtime': {
      ...runtimeOptions(facts),
      cni: { ...cniOptions(facts), ...binDir },
      containerd: runcRuntime(facts),
    },
    [CRI_SERVER]: STREAM_SERVER,
    ...NRI_OFF,
  };
  return { head: { version: 3 }, plugins: { plugins } };
}

function runtimeOptions(facts: ContainerdConfigFacts): TomlTable {
  return {
    restrict_oom_score_adj: !facts.mayLowerOomScore,
    // Name spaces stay below our own state directory instead of the shared /run/netns.
    netns_mounts_under_state_dir: true,
    // The defaults of 2.x, the same for every version: low ports and ping need no privilege inside a pod.
    enable_unprivileged_ports: false,
    enable_unprivileged_icmp: false,
  };
}

function cniOptions(facts: ContainerdConfigFacts): TomlTable {
  return { conf_dir: facts.paths.cniConf, max_conf_num: 1 };
}

function runcRuntime(facts: ContainerdConfigFacts): TomlTable {
  const options = { BinaryName: facts.runc, Root: facts.paths.runcRoot, SystemdCgroup: false };
  return {
    default_runtime_name: 'runc',
    runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options } },
  };
}

function registry(facts: ContainerdConfigFacts): TomlTable {
  return { config_path: `${facts.paths.certs}:/etc/containerd/certs.d` };
}
