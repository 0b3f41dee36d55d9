// hostPath: a path of this machine as it is. Nothing of it is ours: it is never removed, owned or relabelled.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath-volume-types ; error texts are the reference's.
// Without a type nothing is checked, and the runtime makes a missing directory.
import { constants, type Stats } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import type { PreparedVolume } from '../ports/volumes.ts';
import { type VolumeContext, VolumeError, type VolumeType } from './volumeType.ts';

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

export const hostPathVolume: VolumeType = { setUp, refreshes: false };

interface PathCheck {
  readonly noun: string;
  readonly matches: (info: Stats) => boolean;
  readonly create?: (path: string) => Promise<void>;
}

const DIRECTORY = { noun: 'a directory', matches: (info: Stats) => info.isDirectory() };
const FILE = { noun: 'a file', matches: (info: Stats) => info.isFile() };

const CHECKS: ReadonlyMap<string, PathCheck> = new Map<string, PathCheck>([
  ['Directory', DIRECTORY],
  ['DirectoryOrCreate', { ...DIRECTORY, create: createDirectory }],
  ['File', FILE],
  ['FileOrCreate', { ...FILE, create: createFile }],
  ['Socket', { noun: 'a socket file', matches: (info) => info.isSocket() }],
  ['CharDevice', { noun: 'a character device', matches: (info) => info.isCharacterDevice() }],
  ['BlockDevice', { noun: 'a block device', matches: (info) => info.isBlockDevice() }],
]);

async function setUp({ volume }: VolumeContext): Promise<PreparedVolume> {
  const { path = '', type = '' } = volume.hostPath ?? {};
  if (!path.startsWith('/') || path.split('/').includes('..')) {
    throw new VolumeError(`hostPath "${path}" must be absolute and must not contain ".."`);
  }
  if (type !== '') await checkType(path, type);
  return { hostPath: path, readOnly: false };
}

async function checkType(path: string, type: string): Promise<void> {
  const check = CHECKS.get(type);
  if (check === undefined) throw new VolumeError(`${type} is an invalid volume type`);
  const info = await lookUp(path);
  if (info === undefined && check.create !== undefined) return check.create(path);
  if (info === undefined || !check.matches(info)) {
    throw new VolumeError(`hostPath type check failed: ${path} is not ${check.noun}`);
  }
}

/** Follows links, as the reference does: "/dev/disk/by-id/…" is a block device. */
async function lookUp(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

async function createDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 });
}

/** Parents are not made; a dangling link is not followed. */
async function createFile(path: string): Promise<void> {
  await using file = await open(path, O_CREAT | O_EXCL | O_WRONLY, 0o644);
  await file.chmod(0o644);
}
