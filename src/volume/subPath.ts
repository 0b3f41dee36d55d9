// subPath: a container sees only a part of a volume. The part is found safely, held open, and bound by its descriptor to
// a place of ours below the pod directory; the runtime is given that place and never the path inside the volume.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath ; why: CVE-2017-1002101, CVE-2021-25741.
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredContainer } from '../api/desiredPod.ts';
import { expand } from '../api/expansion.ts';
import type { VolumeMount } from '../api/kubernetes.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { PreparedVolumes } from '../ports/volumes.ts';
import { ensureDirectory } from './directories.ts';
import { subPathDirectory } from './layout.ts';
import { bindMount, unmountBelow } from './mount.ts';
import { mountAt, readMountTable } from './mountTable.ts';
import { openBeneath } from './resolveBeneath.ts';
import { VolumeError } from './volumeType.ts';

export interface SubPathRequest {
  readonly podDir: string;
  readonly container: DesiredContainer;
  readonly mount: VolumeMount;
  /** Position of the mount in the container's volumeMounts. */
  readonly index: number;
  readonly volumes: PreparedVolumes;
  /** The container's variables, for subPathExpr. */
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * Prepares one mount of a container for one start. Idempotent; looks again at each start.
 *
 * @returns the host path to mount instead of the volume's own; undefined for a mount of the whole volume. For an image,
 *   which the runtime mounts, the path within it.
 */
export async function prepareSubPath(request: SubPathRequest, signal: AbortSignal): Promise<string | undefined> {
  const { podDir, container, mount, index, volumes } = request;
  const path = subPathOf(mount, request.environment);
  if (!path.ok) throw new VolumeError(path.error);
  if (path.value === undefined) return undefined;
  const volume = volumes[mount.name];
  if (volume === undefined) throw new VolumeError(`cannot find volume "${mount.name}"`);
  if (volume.hostPath === '') return path.value;
  const directory = subPathDirectory(podDir, mount.name, container.name);
  const place = join(directory, String(index));
  await ensureDirectory(directory);
  await using source = await openBeneath({ volumePath: volume.hostPath, path: path.value, missing: 'make' });
  await bind(source, place, signal);
  return place;
}

/** @returns undefined for a mount of the whole volume, an error text for a path that can't be meant */
export function subPathOf(
  mount: VolumeMount,
  environment: ReadonlyMap<string, string>,
): Result<string | undefined, string> {
  const { subPath = '', subPathExpr = '' } = mount;
  if (subPath === '' && subPathExpr === '') return ok(undefined);
  const missing = new Set<string>();
  const lookup = (name: string): string => {
    const value = environment.get(name) ?? '';
    if (value === '') missing.add(name);
    return value;
  };
  const path = subPathExpr === '' ? subPath : expand(subPathExpr, lookup);
  if (missing.size > 0) return err(`missing value for ${[...missing].toSorted().join(', ')}`);
  if (path.startsWith('/')) return err(`subPath "${path}" must not be an absolute path`);
  if (path.split('/').includes('..') || path.includes('\0')) return err(`subPath "${path}" must not contain ".."`);
  return ok(path);
}

async function bind(source: FileHandle, place: string, signal: AbortSignal): Promise<void> {
  const wanted = await source.stat({ bigint: true });
  const mounted = mountAt(await readMountTable(), place) !== undefined;
  if (mounted && isSame(await statOf(place), wanted)) return;
  const left = await unmountBelow(place, signal);
  if (left.length > 0) throw new VolumeError(`an older mount at ${place} can't be removed`);
  await makePlace(place, wanted.isDirectory());
  // The program gets the descriptor itself: nothing is looked up by name any more.
  await bindMount(`/proc/${process.pid}/fd/${source.fd}`, place, signal);
  if (isSame(await statOf(place), wanted)) return;
  await unmountBelow(place, signal);
  throw new VolumeError(`what was mounted at ${place} is not what was asked for`);
}

/** An empty directory or file to mount over, of the kind that is needed. */
async function makePlace(place: string, isDirectory: boolean): Promise<void> {
  const found = await statOf(place);
  if (found !== undefined && found.isDirectory() !== isDirectory) await (isDirectory ? unlink(place) : rmdir(place));
  if (isDirectory) await ensureDirectory(place);
  else await (await open(place, 'a', 0o640)).close();
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined);
}

function isSame(a: BigIntStats | undefined, b: BigIntStats): boolean {
  return a !== undefined && a.dev === b.dev && a.ino === b.ino;
}
