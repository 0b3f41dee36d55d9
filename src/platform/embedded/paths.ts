// Where the embedded containerd keeps its things below the root directory. Pure; nobody else spells these paths.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SOCKET_PATH_BYTES_MAX } from '../unixSocket.ts';

export interface EmbeddedPaths {
  /** Everything of containerd's, mounts included: cleaning up never looks outside of it. */
  readonly base: string;
  /** Images, snapshots, metadata: kept over reboots. */
  readonly root: string;
  /** Bundles, network namespaces, runc's records: worthless after a reboot. */
  readonly state: string;
  readonly runcRoot: string;
  readonly socket: string;
  readonly config: string;
  readonly log: string;
  readonly bootId: string;
  readonly pauseArchive: string;
  /** Extra registry hosts (containerd's hosts.toml layout), read before /etc/containerd/certs.d. */
  readonly certs: string;
  readonly cniConf: string;
  readonly cniState: string;
  /** host-local's address files. */
  readonly cniAddresses: string;
}

const TTRPC_SUFFIX = '.ttrpc';

/** The layout below one root directory; a too long socket path moves to /run/solopod-<hash>. */
export function embeddedPaths(rootDir: string): EmbeddedPaths {
  const base = join(rootDir, 'containerd');
  const state = join(base, 'state');
  return {
    base,
    root: join(base, 'root'),
    state,
    runcRoot: join(state, 'runc'),
    socket: socketPath(rootDir, join(base, 'containerd.sock')),
    config: join(base, 'config.toml'),
    log: join(base, 'containerd.log'),
    bootId: join(base, 'boot-id'),
    pauseArchive: join(base, 'pause.tar'),
    certs: join(rootDir, 'certs.d'),
    cniConf: join(rootDir, 'cni', 'net.d'),
    cniState: join(rootDir, 'cni', 'network.json'),
    cniAddresses: join(rootDir, 'cni', 'addresses'),
  };
}

function socketPath(rootDir: string, preferred: string): string {
  if (Buffer.byteLength(preferred + TTRPC_SUFFIX) <= SOCKET_PATH_BYTES_MAX) return preferred;
  return `/run/solopod-${rootHash(rootDir)}/containerd.sock`;
}

/** Eight hex digits that stand for a root directory where its path does not fit. */
export function rootHash(rootDir: string): string {
  return createHash('sha256').update(rootDir).digest('hex').slice(0, 8);
}
