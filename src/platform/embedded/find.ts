// Finds the programs that the embedded runtime is made of, and says exactly what is missing and how to install it.
// It runs nothing but `containerd --version` and changes nothing.
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { run } from '../run.ts';

export interface FindOptions {
  /** Folder with containerd, its shim and ctr, searched before PATH (an unpacked newer containerd). */
  readonly binDir?: string;
  /** Folder with the CNI plugins, instead of the usual places. */
  readonly cniBinDir?: string;
  /** PATH to search; the system's own folders are always added at its end. */
  readonly searchPath: string;
}

export interface ContainerdVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

export interface EmbeddedTools {
  readonly containerd: string;
  readonly version: ContainerdVersion;
  readonly ctr: string;
  readonly runc: string;
  readonly ip: string;
  readonly iptables: string;
  readonly iptablesSave: string;
  readonly mount: string;
  readonly umount: string;
  readonly cniBinDir: string;
  /** PATH for containerd: its shim and the plugins' iptables are found here. */
  readonly searchPath: string;
}

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const CNI_BIN_DIRS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni', '/usr/lib64/cni'];
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'];

/** Program → Debian package. */
const PROGRAMS = {
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  ip: 'iproute2',
  iptables: 'iptables',
  'iptables-save': 'iptables',
  mount: 'mount',
  umount: 'mount',
} as const;
type Program = keyof typeof PROGRAMS;

const VERSION_FLOOR = { major: 1, minor: 6 };

/** @returns an error that lists every missing program at once, with the packages that hold them. */
export async function findTools(options: FindOptions): Promise<Result<EmbeddedTools, string>> {
  const folders = searchFolders(options);
  const found = new Map<Program, string>();
  const missing: Program[] = [];
  for (const program of programNames()) {
    const path = findProgram(program, folders);
    if (path === undefined) missing.push(program);
    else found.set(program, path);
  }
  const cniDirs = options.cniBinDir === undefined ? CNI_BIN_DIRS : [options.cniBinDir];
  const cniBinDir = cniDirs.find((dir) => CNI_PLUGINS.every((plugin) => isExecutable(join(dir, plugin))));
  const path = (program: Program): string => found.get(program) ?? program;
  if (missing.length > 0 || cniBinDir === undefined) {
    return err(missingMessage(missing, cniBinDir === undefined ? cniDirs : []));
  }
  const version = await containerdVersion(path('containerd'));
  if (!version.ok) return version;
  return ok({
    containerd: path('containerd'),
    version: version.value,
    ctr: path('ctr'),
    runc: path('runc'),
    ip: path('ip'),
    iptables: path('iptables'),
    iptablesSave: path('iptables-save'),
    mount: path('mount'),
    umount: path('umount'),
    cniBinDir,
    searchPath: [...new Set([dirname(path('containerd')), ...folders])].join(delimiter),
  });
}

/** First executable file of this name in the folders. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The folders of PATH, the given one first and the system's own ones last. */
export function searchFolders(options: Pick<FindOptions, 'binDir' | 'searchPath'>): readonly string[] {
  const fromPath = options.searchPath.split(delimiter).filter((folder) => folder.startsWith('/'));
  const first = options.binDir === undefined ? [] : [options.binDir];
  return [...new Set([...first, ...fromPath, ...SYSTEM_PATH])];
}

/** Reads "containerd github.com/containerd/containerd v1.7.24 <commit>" and its distribution variants. */
export function parseContainerdVersion(output: string): ContainerdVersion | undefined {
  const match = /\bv?(\d+)\.(\d+)\.(\d+)\S*/.exec(output.replace(/^.*containerd\/containerd(\/v\d+)?/, ''));
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0'] = match;
  return { major: Number(major), minor: Number(minor), text: `${major}.${minor}.${patch}` };
}

async function containerdVersion(program: string): Promise<Result<ContainerdVersion, string>> {
  const output = await run(program, ['--version'], { timeoutMs: 10_000 });
  if (!output.ok) return err(`Cannot ask ${program} for its version: ${output.error}`);
  const version = parseContainerdVersion(output.value);
  if (version === undefined) return err(`Cannot read the version of ${program} from "${output.value.trim()}"`);
  const { major, minor } = VERSION_FLOOR;
  const tooOld = version.major < major || (version.major === major && version.minor < minor);
  return tooOld
    ? err(`${program} is ${version.text}; the embedded runtime needs ${major}.${minor} or later`)
    : ok(version);
}

/** What to tell a person whose machine lacks something. */
export function missingMessage(programs: readonly Program[], cniDirs: readonly string[]): string {
  const plugins =
    cniDirs.length === 0 ? [] : [`the CNI plugins ${CNI_PLUGINS.join(', ')} (not all in ${cniDirs.join(' or ')})`];
  const things = [...programs, ...plugins].join(', ');
  const packages = new Set(programs.map((program) => PROGRAMS[program] as string));
  if (cniDirs.length > 0) packages.add('containernetworking-plugins');
  return [
    `The embedded runtime is missing: ${things}.`,
    `Debian, Ubuntu: apt-get install --no-install-recommends ${[...packages].join(' ')}.`,
    'Fedora: dnf install containerd runc containernetworking-plugins iptables-nft iproute.',
    'Arch: pacman -S containerd runc cni-plugins iptables iproute2.',
    'Alpine: apk add containerd containerd-ctr runc cni-plugins iptables iproute2.',
    'Elsewhere: unpack the releases of containerd, runc and the CNI plugins and put them in PATH and /opt/cni/bin',
  ].join('\n  ');
}

function programNames(): readonly Program[] {
  return Object.keys(PROGRAMS).filter((name): name is Program => name in PROGRAMS);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
