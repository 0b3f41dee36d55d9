// The kernel's table of mounts, understood and searched. Parsing is pure. Rule: proc_pid_mountinfo(5).
import { readFile } from 'node:fs/promises';

export interface Mount {
  readonly id: number;
  readonly mountPoint: string;
  readonly fsType: string;
  /** Changes propagate between it and its peers. */
  readonly shared: boolean;
}

/** Mounts of this process's namespace, in the kernel's order. */
export async function readMountTable(): Promise<readonly Mount[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

export function parseMountTable(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => parseLine(line));
}

/** The topmost mount at exactly this path. */
export function mountAt(table: readonly Mount[], path: string): Mount | undefined {
  return table.findLast((mount) => mount.mountPoint === path);
}

/** Mounts at a directory and below, in the order in which they can be unmounted. */
export function mountsBelow(table: readonly Mount[], directory: string): readonly Mount[] {
  const inside = table.filter(({ mountPoint }) => mountPoint === directory || mountPoint.startsWith(`${directory}/`));
  // A mount comes after what it stands on, so the reverse order is children first, upper layers first.
  return inside.toReversed().toSorted((a, b) => depth(b.mountPoint) - depth(a.mountPoint));
}

function parseLine(line: string): readonly Mount[] {
  const [left = '', right = ''] = line.split(' - ');
  const [id, , , , mountPoint, , ...optional] = left.split(' ');
  const fsType = right.split(' ')[0];
  if (id === undefined || mountPoint === undefined || fsType === undefined || fsType === '') return [];
  return [
    {
      id: Number(id),
      mountPoint: unescapeOctal(mountPoint),
      fsType,
      shared: optional.some((field) => field.startsWith('shared:')),
    },
  ];
}

/** Blanks, tabs, newlines and backslashes are written as three octal digits; other bytes stand as they are. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function depth(path: string): number {
  return path.split('/').length;
}
