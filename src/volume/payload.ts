// Files that a volume is to hold, as values. Pure. Shared by every kind of volume whose content solopod writes.
import type { DesiredPod } from '../api/desiredPod.ts';
import { isPathComponent } from '../api/pathComponent.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { fsGroupMode } from './ownership.ts';

export interface PayloadFile {
  readonly content: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** By path relative to the volume, "/" between components. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const PATH_LENGTH_MAX = 4096;
const DEFAULT_MODE = 0o644;

/** Where a payload file may be: relative, inside, and not where the writer keeps its own entries ("..data"). */
export function checkPayloadPath(path: string): Result<string, string> {
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  const problem =
    path.startsWith('/') || components.length === 0
      ? 'must be a relative path of a file'
      : path.length > PATH_LENGTH_MAX
        ? `must be at most ${PATH_LENGTH_MAX} characters`
        : components.some((component) => !isPathComponent(component))
          ? 'must not contain ".." and names longer than 255 bytes'
          : components[0]?.startsWith('..') === true
            ? 'must not start with ".."'
            : undefined;
  return problem === undefined ? ok(components.join('/')) : err(`path "${path}" ${problem}`);
}

/** An item's own mode, else the volume's, else 0644. */
export function payloadMode(itemMode: number | undefined, defaultMode: number | undefined): number {
  return itemMode ?? defaultMode ?? DEFAULT_MODE;
}

/** The payload as it is on disk when the pod has an fsGroup. */
export function withFsGroup(payload: Payload, group: number | undefined): Payload {
  if (group === undefined) return payload;
  const entries = [...payload].map(([path, file]): [string, PayloadFile] => [
    path,
    { ...file, mode: fsGroupMode(file.mode, { kind: 'file', access: 'readOnly' }) },
  ]);
  return new Map(entries);
}

/**
 * Directories that must be inside a read-only volume because other volumes are mounted there, parents first: the
 * runtime could not make them.
 */
export function nestedMountPoints(pod: DesiredPod, volumeName: string): readonly string[] {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const nested = containers.flatMap(({ volumeMounts = [] }) => {
    const own = volumeMounts.filter((mount) => mount.name === volumeName && !mount.subPath && !mount.subPathExpr);
    return own.flatMap(({ mountPath }) => volumeMounts.flatMap((other) => relativeBelow(mountPath, other.mountPath)));
  });
  return [...new Set(nested)].toSorted();
}

/** "a/b" for "/mnt" and "/mnt/a/b/"; nothing for a path that is not below. */
function relativeBelow(directory: string, path: string): readonly string[] {
  const [parent, child] = [normalize(directory), normalize(path)];
  if (child.length <= parent.length || !parent.every((component, index) => child[index] === component)) return [];
  return child.includes('..') ? [] : [child.slice(parent.length).join('/')];
}

function normalize(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '' && component !== '.');
}
